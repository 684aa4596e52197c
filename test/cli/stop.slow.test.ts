import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { StepRecord } from '../../src/report/progress-tracker.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  repository = aRepository();
  repository.commit({ 'index.html': 'hello', 'app.json': '{"scripts":{"dokku":{"predeploy":"sleep 30"}}}' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const job = (app: string) => ({
  ...sandbox.env,
  CI: 'true',
  CI_COMMIT_REF_NAME: app,
  CI_PROJECT_PATH: 'group/shop',
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(20);
};

const deploying = (app: string): Promise<void> =>
  until(() => sandbox.state.apps.get(app)?.deployController !== undefined);

describe('a run that receives the stop signal', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s cancels the build on the host and exits %i', async (signal, code) => {
    const app = `stop-${code}`;
    const program = startProgram(sourceCommand('review', 'start'), { cwd: repository.folder, env: job(app) });
    await deploying(app);
    const since = Date.now();
    program.child.kill(signal);
    const { exit, output } = await program.result;
    expect(exit, output).toBe(code);
    expect(output).toContain(`the build of ${app} was cancelled on the host`);
    // A runner kills a job after ten seconds. The run must end within six.
    expect(Date.now() - since).toBeLessThan(6_000);
    expect(sandbox.state.apps.get(app)?.builds.at(-1)?.status).toBe('canceled');
  });

  test.each([
    ['observes the host', /^config:export/, []],
    [
      'creates the app',
      /^apps:create/,
      ['stopped', 'not-started', 'not-started', 'not-started', 'not-started'],
    ],
    ['sends the code', /^git-receive-pack/, ['done', 'done', 'stopped', 'not-started', 'not-started']],
  ])(
    'while it %s and the host no longer answers ends in time, with its reports',
    async (_, line, outcomes) => {
      const silent = sandbox.journal.commands.length;
      sandbox.faults.inject(line, { kind: 'stall' });
      const app = `silent-${silent}`;
      const program = startProgram(sourceCommand('review', 'start'), {
        cwd: repository.folder,
        env: job(app),
      });
      await until(() => sandbox.journal.commands.slice(silent).some((asked) => line.test(asked.line)));
      const since = Date.now();
      program.child.kill('SIGTERM');
      const { exit, output } = await program.result;
      expect([exit, Date.now() - since < 6_000], output).toEqual([143, true]);
      expect(output).toContain('The run was stopped');
      const report = readFileSync(join(repository.folder, 'dokku-deploy.env'), 'utf8');
      expect(report).toContain(`DOKKU_DEPLOY_APP=${app}\nDOKKU_DEPLOY_COMMIT=`);
      expect(report).toContain('DOKKU_DEPLOY_EXIT_CODE=143');
      const { steps } = JSON.parse(readFileSync(join(repository.folder, 'deploy.json'), 'utf8'));
      expect(steps.map(({ outcome }: StepRecord) => outcome)).toEqual(outcomes);
      for (const { title } of steps) expect(output).toContain(`  ${title}`);
    },
  );

  test.each([
    ['waits for', 'by-waiting', /^apps:locked/],
    ['pushes into', 'by-pushing', /^git-receive-pack/],
  ])('while it %s the deploy of another job stops, and that deploy continues', async (_, app, line) => {
    await using far = await startSandbox({ services: [], latency: 300 });
    using built = aRepository();
    using gate = aFolder();
    const goOn = join(gate.folder, 'go-on');
    const predeploy = `until [ -e ${goOn} ]; do sleep 0.2; done`;
    built.commit({
      'index.html': 'hello',
      'app.json': JSON.stringify({ scripts: { dokku: { predeploy } } }),
    });
    const env = { ...far.env, CI_COMMIT_REF_NAME: app, CI_PROJECT_PATH: 'group/shop' };
    const start = () => startProgram(sourceCommand('review', 'start'), { cwd: built.folder, env });
    const first = start();
    await until(() => far.state.apps.get(app)?.deployController !== undefined);
    const before = far.journal.commands.length;
    const second = start();
    await until(() => far.journal.commands.slice(before).some((asked) => line.test(asked.line)));
    second.child.kill('SIGTERM');
    const stopped = await second.result;
    writeFileSync(goOn, '');
    const ended = await first.result;
    expect([ended.exit, stopped.exit], ended.output + stopped.output).toEqual([0, 143]);
    expect(far.state.apps.get(app)?.builds.at(0)?.status).toBe('succeeded');
    expect(far.journal.commands.filter((asked) => asked.line.startsWith('builds:cancel'))).toEqual([]);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s, after its git was killed by the same signal, does not blame the clone',
    async (signal, code) => {
      using bin = aFolder();
      const pidFile = join(bin.folder, 'ended');
      writeFileSync(join(bin.folder, 'git'), `#!/bin/sh\ntouch '${pidFile}'\nkill -${signal.slice(3)} $$\n`);
      chmodSync(join(bin.folder, 'git'), 0o755);
      const program = startProgram(sourceCommand('review', 'start'), {
        cwd: repository.folder,
        env: { ...job('by-git'), PATH: `${bin.folder}:${process.env.PATH}` },
      });
      await until(() => existsSync(pidFile));
      await sleep(500);
      program.child.kill(signal);
      const { exit, output } = await program.result;
      expect(exit, output).toBe(code);
      expect(output).not.toMatch(/git|clone/);
      const report = readFileSync(join(repository.folder, 'dokku-deploy.env'), 'utf8');
      expect(report).toContain(`DOKKU_DEPLOY_EXIT_CODE=${code}`);
    },
  );
});
