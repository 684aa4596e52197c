import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mysql'] });
  repository = aRepository();
  const noise = Array.from({ length: 40_000 }, (_, index) => Math.sin(index).toString(36)).join('\n');
  repository.commit({ 'index.html': 'hello', 'noise.txt': noise });
  writeFileSync(
    join(repository.folder, '.dokku-deploy.yml'),
    'services: [mysql]\nenv: {API_TOKEN: "$MY_TOKEN"}\nnotify: [{type: slack, environments: ["*"]}, {type: mail, environments: ["*"]}]\n',
  );
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const token = 'tok-4f1c9a7be20d55e8';

/** What the notices and the note are sent with; nobody listens at port 9. */
const forOthers = {
  GITLAB_TOKEN: 'glpat-5d0e7c31b8a94f62',
  SLACK_WEBHOOK_URL: 'http://127.0.0.1:9/services/T01/B01/hook-91ab47de03c5f826',
  SMTP_URL: 'smtp://robot:mail-pass-70d2e4@127.0.0.1:9',
};

/** Whatever of the key or the token must never be seen: whole, base64, and each line. */
const forbidden = (): string[] => {
  const key = sandbox.privateKey.trim();
  const lines = key.split('\n').filter((line) => !line.startsWith('-----') && line.length > 8);
  return [
    key,
    Buffer.from(key).toString('base64').slice(0, 60),
    ...lines,
    token,
    Buffer.from(token).toString('base64'),
    ...Object.values(forOthers),
    'hook-91ab47de03c5f826',
    'mail-pass-70d2e4',
  ];
};

const found = (text: string): string[] => forbidden().filter((secret) => text.includes(secret));

/** A file's text; nothing of one that is gone meanwhile, or that is a folder. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const procText = (pid: string, name: string): string => textOf(`/proc/${pid}/${name}`);

const parentOf = (pid: string): string => /^PPid:\s+(\d+)/m.exec(procText(pid, 'status'))?.[1] ?? '';

const descendants = (root: number): string[] => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const below = new Set([String(root)]);
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const [pid, parent] of parents) if (below.has(parent)) below.add(pid);
  }
  below.delete(String(root));
  return [...below];
};

const pathsOnDisk = (): string[] => [
  ...globSync(join(tmpdir(), 'dokku-deploy-*/**')),
  ...globSync(join(repository.folder, '**'), { exclude: (name) => name === '.git' }),
];

describe('during a run', () => {
  test('neither key nor token is on disk, in an argument list, in a child’s environment or in the output', async () => {
    const env = {
      ...sandbox.env,
      ...forOthers,
      GITLAB_CI: 'true',
      CI_API_V4_URL: 'http://127.0.0.1:9/api/v4',
      CI_PROJECT_ID: '42',
      CI_MERGE_REQUEST_IID: '1',
      NOTIFY_EMAIL: 'team@example.com',
      MY_TOKEN: token,
      CI_JOB_TOKEN: 'glcbt-job-token-1',
      CI_COMMIT_REF_NAME: 'secret',
      CI_PROJECT_PATH: 'a/b',
    };
    const program = startProgram(sourceCommand('review', 'start', '--log-format', 'json'), {
      cwd: repository.folder,
      env,
    });
    const leaks: string[] = [];
    const seen = new Set<string>();
    let over = false;
    const watching = (async () => {
      while (!over) {
        for (const pid of descendants(program.child.pid ?? 0)) {
          const command = procText(pid, 'cmdline');
          const environment = procText(pid, 'environ');
          if (command) seen.add(command.split('\0')[0] ?? '');
          leaks.push(...found(command).map(() => `argument list of ${command.slice(0, 40)}`));
          // Between fork and exec a child still has its parent's memory: only what calls itself git counts.
          if (/(^|\/)git\b/.test(command) && found(environment).length > 0)
            leaks.push(`environment of ${command}`);
          if (/(^|\/)git\b/.test(command) && environment.includes('glcbt-job-token-1'))
            leaks.push('job token');
        }
        leaks.push(...found(procText(String(program.child.pid), 'cmdline')).map(() => 'own argument list'));
        leaks.push(...pathsOnDisk().filter((path) => found(textOf(path)).length > 0));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    const { exit, output } = await program.result;
    over = true;
    await watching;
    expect(exit, output).toBe(0);
    expect([...seen].filter((name) => /git$/.test(name)).length).toBeGreaterThan(0);
    expect([...leaks, ...found(output)]).toEqual([]);
    for (const told of ['the notice to Slack', 'the mail to team', 'the note in the merge request']) {
      expect(output).toContain(told);
    }
    expect(sandbox.state.apps.get('secret')?.envFile).toContain(token);
    expect(sandbox.journal.commands.map(({ line }) => line).filter((line) => found(line).length > 0)).toEqual(
      [],
    );
  });

  test('a value that the app itself prints is masked in the log, and so is the job’s own token', async () => {
    const postdeploy = 'echo the token is $API_TOKEN; echo the other is glcbt-job-token-1';
    repository.commit({ 'app.json': JSON.stringify({ scripts: { dokku: { postdeploy } } }) });
    const env = {
      ...sandbox.env,
      ...forOthers,
      NOTIFY_EMAIL: 'team@example.com',
      MY_TOKEN: token,
      CI_JOB_TOKEN: 'glcbt-job-token-1',
      CI_COMMIT_REF_NAME: 'secret',
      CI_PROJECT_PATH: 'a/b',
    };
    const { output } = await startProgram(sourceCommand('review', 'start'), { cwd: repository.folder, env })
      .result;
    expect(output).toContain('the token is [config.API_TOKEN]');
    expect(output).toContain('the other is [CI_JOB_TOKEN]');
    expect(found(output)).toEqual([]);
  });
});

/** A run of its own app, by a configuration of its own, and all that it leaves: both streams and the two files. */
const runWith = async (app: string, configuration: string): Promise<string> => {
  const at = (name: string): string => join(repository.folder, name);
  writeFileSync(at(`${app}.yml`), configuration);
  const { exit, stdout, stderr } = await runProgram({
    argv: ['review', 'start', '--app', app, '--config', `${app}.yml`],
    cwd: repository.folder,
    env: { ...sandbox.env, CI: 'true', MY_TOKEN: token, CI_COMMIT_REF_NAME: app, CI_PROJECT_PATH: 'a/b' },
  });
  expect(exit, stderr).toBeGreaterThan(2);
  const left = ['deploy.json', 'dokku-deploy.env'].map((name) => readFileSync(at(name), 'utf8'));
  return [stdout, stderr, ...left].join('\n');
};

const lose = (command: RegExp): void => {
  for (const _ of [1, 2, 3]) sandbox.faults.inject(command, { kind: 'drop-before' });
};

const refuseImport = (): void =>
  sandbox.faults.inject(/config:import/, {
    kind: 'answer',
    exit: 1,
    stderr: ' !     `config:import` is not a dokku command.\n',
  });

describe('a run that ends early says by its name a secret that was', () => {
  const service = 'services: [{type: mysql, env: {ROOT_CERT: "$MY_TOKEN"}}]\nnotify: []\n';
  const setting = 'env: {API_TOKEN: "$MY_TOKEN"}\nnotify: []\n';

  test('handed to a service when the connection was lost', async () => {
    lose(/mysql:create/);
    const left = await runWith('lost-service', service);
    expect(left).toContain('--custom-env ROOT_CERT=[service.lost-service-database.ROOT_CERT]');
    expect(found(left)).toEqual([]);
  });

  test('handed to a service that the host refused', async () => {
    sandbox.faults.inject(/mysql:create/, { kind: 'answer', exit: 1, stderr: ' !     No space left\n' });
    const left = await runWith('refused-service', service);
    expect(left).toContain('--custom-env ROOT_CERT=[service.refused-service-database.ROOT_CERT] (exit 1)');
    expect(found(left)).toEqual([]);
  });

  test('written in base64, for a host without config:import', async () => {
    refuseImport();
    refuseImport();
    refuseImport();
    lose(/config:set/);
    const left = await runWith('lost-setting', setting);
    expect(left).toContain('API_TOKEN=[config.API_TOKEN]');
    expect(found(left)).toEqual([]);
  });
});
