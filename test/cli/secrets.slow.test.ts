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

/** Credentials for notifications and the merge request note. Nothing listens on port 9. */
const forOthers = {
  GITLAB_TOKEN: 'glpat-5d0e7c31b8a94f62',
  SLACK_WEBHOOK_URL: 'http://127.0.0.1:9/services/T01/B01/hook-91ab47de03c5f826',
  SMTP_URL: 'smtp://robot:mail-pass-70d2e4@127.0.0.1:9',
};

/** Every form of the secrets that must never appear: as they are, in base64, and each line of the key. */
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

/** The text of a file; empty for a folder and for a file that no longer exists. */
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
  test('no secret is on disk, in an argument list, in the environment of a child process or in the output', async () => {
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
          // Between fork and exec a child still has the environment of its parent, so only processes named git count.
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
    for (const channel of ['the notification to Slack', 'the mail to team', 'the merge request note']) {
      expect(output).toContain(channel);
    }
    expect(sandbox.state.apps.get('secret')?.envFile).toContain(token);
    expect(sandbox.journal.commands.map(({ line }) => line).filter((line) => found(line).length > 0)).toEqual(
      [],
    );
  });

  test('secrets that the app prints are masked in the log, including the job token', async () => {
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

/** Runs review start for an app with this configuration. Returns everything it writes: both streams and both files. */
const runWith = async (app: string, configuration: string): Promise<string> => {
  const at = (name: string): string => join(repository.folder, name);
  writeFileSync(at(`${app}.yml`), configuration);
  const { exit, stdout, stderr } = await runProgram({
    argv: ['review', 'start', '--app', app, '--config', `${app}.yml`],
    cwd: repository.folder,
    env: { ...sandbox.env, CI: 'true', MY_TOKEN: token, CI_COMMIT_REF_NAME: app, CI_PROJECT_PATH: 'a/b' },
  });
  expect(exit, stderr).toBeGreaterThan(2);
  const names = ['deploy.json', 'dokku-deploy.env', 'dokku-deploy-links.json', 'dokku-deploy-junit.xml'];
  const files = names.map((name) => readFileSync(at(name), 'utf8'));
  return [stdout, stderr, ...files].join('\n');
};

const loseConnection = (command: RegExp): void => {
  for (const _ of [1, 2, 3]) sandbox.faults.inject(command, { kind: 'drop-before' });
};

const refuseImport = (): void =>
  sandbox.faults.inject(/config:import/, {
    kind: 'answer',
    exit: 1,
    stderr: ' !     `config:import` is not a dokku command.\n',
  });

describe('a run that fails shows only the name of a secret', () => {
  const service = 'services: [{type: mysql, env: {ROOT_CERT: "$MY_TOKEN"}}]\nnotify: []\n';
  const setting = 'env: {API_TOKEN: "$MY_TOKEN"}\nnotify: []\n';

  test('passed to a service when the connection was lost', async () => {
    loseConnection(/mysql:create/);
    const written = await runWith('lost-service', service);
    expect(written).toContain('--custom-env ROOT_CERT=[service.lost-service-database.ROOT_CERT]');
    expect(found(written)).toEqual([]);
  });

  test('passed to a service that the host refused to create', async () => {
    sandbox.faults.inject(/mysql:create/, { kind: 'answer', exit: 1, stderr: ' !     No space left\n' });
    const written = await runWith('refused-service', service);
    expect(written).toContain('--custom-env ROOT_CERT=[service.refused-service-database.ROOT_CERT] (exit 1)');
    expect(found(written)).toEqual([]);
  });

  test('sent in base64 to a host without config:import', async () => {
    refuseImport();
    refuseImport();
    refuseImport();
    loseConnection(/config:set/);
    const written = await runWith('lost-setting', setting);
    expect(written).toContain('API_TOKEN=[config.API_TOKEN]');
    expect(found(written)).toEqual([]);
  });
});
