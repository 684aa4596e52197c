import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { connectTo, runOver } from '../support/ssh.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mongo'] });
  repository = aRepository();
  repository.commit({ 'index.html': 'hello', '.dokku-deploy.yml': 'services: [mongo]\n' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** Runs a command as the job of a branch; without a checkout, as GitLab runs the job that removes an environment. */
const runJob = async (
  branch: string,
  argv: readonly string[],
  more: Readonly<Record<string, string>> = {},
) => {
  using empty = aFolder();
  const env = {
    ...sandbox.env,
    GITLAB_CI: 'true',
    CI_COMMIT_REF_NAME: branch,
    CI_COMMIT_REF_SLUG: branch,
    CI_PROJECT_ID: '42',
    CI_PROJECT_NAME: 'shop',
    CI_PROJECT_PATH: 'group/shop',
    ...more,
  };
  return runProgram({ argv, cwd: argv[1] === 'stop' ? empty.folder : repository.folder, env });
};

const start = (branch: string, ...flags: readonly string[]) => runJob(branch, ['review', 'start', ...flags]);
const stop = (branch: string) => runJob(branch, ['review', 'stop']);

/** Runs a command on the host as an operator. */
const onHost = async (line: string) => {
  const client = await connectTo(sandbox);
  const result = await runOver(client, line);
  client.end();
  return result;
};

const services = () => [...(sandbox.state.services.get('mongo')?.keys() ?? [])];

describe('review stop', () => {
  test('finds the app under the name that only the start job knew', async () => {
    expect((await start('named', '--app', 'custom-name')).exit).toBe(0);
    expect(services()).toEqual(['custom-name-database']);
    const { exit, stderr } = await stop('named');
    expect([exit, services(), sandbox.state.apps.has('custom-name')]).toEqual([0, [], false]);
    expect(stderr).toContain('custom-name has the marker of this branch');
  });

  test('leaves the apps of other branches alone when it searches', async () => {
    expect((await start('one', '--app', 'first')).exit).toBe(0);
    expect((await start('two', '--app', 'second')).exit).toBe(0);
    expect((await stop('one')).exit).toBe(0);
    expect([...sandbox.state.apps.keys()]).toEqual(['second']);
    expect((await stop('two')).exit).toBe(0);
  });

  test.each(['unlink', 'stop', 'settings', 'config', 'data', 'cleanup', 'remove-folder'] as const)(
    'removes the app although its removal fails at the stage %s',
    async (stage) => {
      const branch = `fails-at-${stage}`;
      expect((await start(branch)).exit).toBe(0);
      sandbox.faults.inject(/^apps:destroy/, { kind: 'fail-at', stage });
      const { exit, stderr } = await stop(branch);
      expect([exit, sandbox.state.apps.has(branch), services()], stderr).toEqual([0, false, []]);
    },
  );

  test.each(['unlink', 'stop', 'settings', 'config', 'data', 'cleanup', 'remove-folder'] as const)(
    'removes what an earlier removal left that failed at the stage %s',
    async (stage) => {
      const branch = `left-at-${stage}`;
      expect((await start(branch)).exit).toBe(0);
      sandbox.faults.inject(/^apps:destroy/, { kind: 'fail-at', stage });
      await onHost(`apps:destroy ${branch} --force`);
      expect(sandbox.state.apps.has(branch)).toBe(true);
      const { exit, stderr } = await stop(branch);
      expect([exit, sandbox.state.apps.has(branch)], stderr).toEqual([0, false]);
    },
  );

  test('keeps a service that an operator has linked to another app, and does not report it as removed', async () => {
    expect((await start('shared')).exit).toBe(0);
    await onHost('apps:create billing');
    await onHost('mongo:link shared-database billing --no-restart');
    const { exit, stderr } = await stop('shared');
    expect([exit, sandbox.state.apps.has('shared')], stderr).toEqual([0, false]);
    expect(services()).toContain('shared-database');
    expect(stderr).toContain('kept: billing uses it');
    expect(stderr).toMatch(/Removed the app\.$/m);
    await onHost('apps:destroy billing --force');
    await onHost('mongo:destroy shared-database --force');
  });

  test('does not touch a prepared app that happens to have the branch’s name', async () => {
    await onHost('apps:create prepared');
    await onHost('domains:add prepared shop.example.com');
    const refused = await start('prepared');
    expect([refused.exit, refused.stderr]).toEqual([
      4,
      expect.stringContaining('the domain shop.example.com'),
    ]);
    const stopped = await stop('prepared');
    expect([stopped.exit, sandbox.state.apps.has('prepared')]).toEqual([4, true]);
    expect(stopped.stderr).not.toContain('dokku apps:destroy');
  });
});
