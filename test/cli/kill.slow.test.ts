import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mysql', 'redis'] });
  repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
  writeFileSync(
    join(repository.folder, '.dokku-deploy.yml'),
    'services: [mysql, redis]\nenv: {MODE: review}\n',
  );
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const job = (app: string) => ({
  ...sandbox.env,
  CI_COMMIT_REF_NAME: app,
  CI_COMMIT_REF_SLUG: app,
  CI_PROJECT_ID: '42',
  CI_PROJECT_PATH: 'group/shop',
});

const start = (app: string) =>
  runProgram({ argv: ['review', 'start'], cwd: repository.folder, env: job(app) });

/** The state of an app on the host, without what differs between runs. */
const stateOf = (app: string) => {
  const found = sandbox.state.apps.get(app);
  const env = parseEnv(found?.envFile ?? '');
  const neutral = (text: string) =>
    text
      .replaceAll(app, 'APP')
      .replace(/:[0-9a-f]{16,}@/g, ':***@')
      .replaceAll(app.replaceAll('-', '_'), 'APP');
  return {
    exists: found !== undefined,
    deployed: found?.deployed,
    env: [...env].map(([key, value]) => `${key}=${neutral(value)}`).sort(),
    services: [...sandbox.state.services].flatMap(([plugin, byName]) =>
      [...byName.values()]
        .filter(({ name }) => name.startsWith(`${app}-`))
        .map(({ name, links }) => `${plugin}:${neutral(name)} linked to ${[...links].map(neutral)}`),
    ),
  };
};

/** Runs review start in its own process and kills it after the host ran the n-th command, before the answer. */
const killedAfter = async (app: string, step: number): Promise<boolean> => {
  const before = sandbox.journal.commands.length;
  const program = startProgram(sourceCommand('review', 'start'), { cwd: repository.folder, env: job(app) });
  sandbox.faults.inject(before + step, { kind: 'then', call: () => program.child.kill('SIGKILL') });
  const { signal } = await program.result;
  return signal === 'SIGKILL';
};

const deployEnded = async (app: string): Promise<void> => {
  while (sandbox.state.apps.get(app)?.deployController)
    await new Promise((resolve) => setTimeout(resolve, 50));
};

/** The commands of an undisturbed first run. Each test kills a run after one of them. */
const steps = [
  'config:export',
  'git:report',
  'apps:report',
  'builds:list',
  'domains:report',
  'mysql:exists',
  'redis:exists',
  'apps:create',
  'config:import',
  'create',
  'create',
  'link',
  'link',
  'config:export',
  'git-receive-pack',
  'builds:list',
  'config:export',
  'apps:report',
  'config:import',
];

describe('a review start that is killed', () => {
  test('sends as many commands as are tested here', async () => {
    const before = sandbox.journal.commands.length;
    await start('whole');
    expect(sandbox.journal.commands.length - before).toBe(steps.length);
    expect(stateOf('whole').services).toHaveLength(2);
  });

  test.each(steps.map((name, index) => [index + 1, name]))(
    'after command %i (%s) is completed by the next run',
    async (step) => {
      const app = `resumed-${step}`;
      expect(await killedAfter(app, Number(step))).toBe(true);
      await deployEnded(app);
      const again = await start(app);
      expect(again.exit, again.stderr).toBe(0);
      expect(stateOf(app)).toEqual(stateOf('whole'));
    },
  );

  test.each(steps.map((name, index) => [index + 1, name]))(
    'after command %i (%s) leaves nothing after review stop',
    async (step) => {
      using empty = aFolder();
      const app = `stopped-${step}`;
      expect(await killedAfter(app, Number(step))).toBe(true);
      await deployEnded(app);
      const stopped = await runProgram({ argv: ['review', 'stop'], cwd: empty.folder, env: job(app) });
      expect(stopped.exit, stopped.stderr).toBe(0);
      expect(stateOf(app)).toEqual({ exists: false, deployed: undefined, env: [], services: [] });
    },
  );
});
