import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sourceCommand } from '../support/child.ts';
import { shopRules } from '../support/gate.ts';
import { variablesOf } from '../support/gate-job.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { aClientKey, aGate, aGateClient, type RunningGate, waitFor } from '../support/running-gate.ts';
import { runProgram } from '../support/world.ts';

let gate: RunningGate;
let repository: TestRepository;

beforeAll(async () => {
  gate = await aGate(shopRules, { services: ['redis'] });
});

afterAll(async () => {
  await gate[Symbol.asyncDispose]();
});

beforeEach(() => {
  repository = aRepository('main');
  repository.commit({
    'index.html': 'hello',
    '.dokku-deploy.yml': 'services: [redis]\nenv: {API_KEY: s3cr3t-value}',
  });
  return () => repository[Symbol.dispose]();
});

const production = { ref: 'main', ref_protected: 'true', environment: 'production' };

/** Runs a job of `group/shop` with a token of its own. */
const job = (words: string, claims?: Record<string, string>) => jobWith({ argv: words.split(' ') }, claims);

const jobWith = async (
  { argv, env = {} }: { readonly argv: readonly string[]; readonly env?: Record<string, string> },
  { ref = 'my-branch', ...claims }: Record<string, string> = {},
) => {
  const token = await gate.gitlab.sign({ ref, ref_path: `refs/heads/${ref}`, ...claims });
  return runProgram({
    argv,
    program: sourceCommand(),
    cwd: repository.folder,
    env: {
      ...env,
      ...gate.jobEnv(token),
      ...variablesOf(ref, claims.environment),
    },
  });
};

describe('a job behind a gate', () => {
  test('starts a review app with its service, and stops it, without the key of the host', async () => {
    expect(await job('review start')).toMatchObject({ exit: 0 });
    expect(gate.sandbox.state.apps.get('my-branch')).toBeDefined();
    expect(await job('review stop')).toMatchObject({ exit: 0 });
    expect(gate.sandbox.state.apps.has('my-branch')).toBe(false);
    expect(gate.audit().filter(({ event }) => event === 'refused' || event === 'failed')).toEqual([]);
  });

  test('that was written for the official image deploys too, and its hooks reach the host', async () => {
    const hook = '#!/bin/sh\nssh "$SSH_REMOTE" -- apps:exists "$APP_NAME" && echo "the hook reached it"\n';
    repository.commit({ '.dokku-deploy.yml': 'probe: false', 'bin/ci-post-deploy': hook });
    const env = { GIT_REMOTE_URL: 'ssh://dokku@dokku.example.com/shop' };
    const { exit, stderr } = await jobWith({ argv: [], env }, production);
    expect([exit, stderr]).toEqual([0, expect.stringContaining('the hook reached it')]);
  });

  test('leaves a line for each command, with the job and without secrets', async () => {
    const audit = gate.audit();
    expect(audit.find(({ command }) => command?.[0] === 'redis:create')).toMatchObject({
      event: 'command',
      job: '1001',
      user: 'ann',
      project: 'group/shop',
      ref: 'my-branch',
      app: 'my-branch',
      command: ['redis:create', 'my-branch-redis'],
      exit: 0,
    });
    expect(audit.find(({ command }) => command?.[0] === 'git-receive-pack')?.bytes_in).toBeGreaterThan(100);
    expect(JSON.stringify(audit)).not.toContain('s3cr3t');
  });

  test('deploys and promotes to the environment of its token, and goes to no other', async () => {
    const staging = { ref: 'main', environment: 'staging' };
    repository.commit({ '.dokku-deploy.yml': 'services: []\nprobe: false' });
    expect(await job('deploy staging', staging)).toMatchObject({ exit: 0 });
    expect(await job('deploy production', production)).toMatchObject({ exit: 0 });
    expect(await job('promote staging production', production)).toMatchObject({ exit: 0 });
    expect(gate.audit().findLast(({ event }) => event === 'refused')).toBeUndefined();
    expect(
      await job('deploy production', { ...production, ref: 'my-branch', ref_protected: 'false' }),
    ).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining(
        'refused: the app shop is not one of this job (production takes jobs of protected branches and tags only)',
      ),
    });
  });

  test('is refused with a token for something else, and the log says so', async () => {
    const { exit, stderr } = await job('review start', { aud: 'vault' });
    expect(exit).toBe(3);
    expect(stderr).toContain('does not accept DOKKU_GATE_TOKEN');
  });

  test('is refused by a gate with another host key', async () => {
    const token = await gate.gitlab.sign();
    const { exit, stderr } = await runProgram({
      argv: ['review', 'stop'],
      cwd: repository.folder,
      env: {
        ...gate.jobEnv(token),
        DOKKU_GATE: `ssh://127.0.0.1:${gate.port}#SHA256:${'A'.repeat(43)}`,
        CI_COMMIT_REF_NAME: 'x',
      },
    });
    expect([exit, stderr]).toEqual([3, expect.stringContaining('host-key-changed')]);
  });

  test('needs no variable but these two, and names what is wrong with them', async () => {
    const run = (env: Record<string, string>) =>
      runProgram({
        argv: ['review', 'stop'],
        cwd: repository.folder,
        env: { CI_COMMIT_REF_NAME: 'x', ...env },
      });
    const without = await run({ DOKKU_GATE: 'ssh://gate.example.com:2222' });
    expect(without.exit).toBe(2);
    expect(without.stderr).toContain('DOKKU_GATE: has no fingerprint');
    expect(without.stderr).toContain('DOKKU_GATE_TOKEN: not set');
    const wrong = await run({ DOKKU_GATE: 'https://gate.example.com#SHA256:x', DOKKU_GATE_TOKEN: 'x' });
    expect(wrong.stderr).toContain(
      'DOKKU_GATE: "https://gate.example.com#SHA256:x" does not end with a whole fingerprint',
    );
  });
});

describe('the policy', () => {
  test('is read again on SIGHUP, and counts for connections that are open', async () => {
    using client = await aGateClient(gate, await gate.gitlab.sign(), aClientKey());
    expect((await client.exec('apps:exists my-branch')).exit).toBe(20);
    gate.reload('\n  - {path: group/blog, review: {any_ref: true}}');
    await gate.audited(({ event }) => event === 'reloaded');
    expect((await client.exec('apps:exists my-branch')).stderr).toContain(
      'the policy does not name the project group/shop',
    );
    gate.reload('\n  - {path: group/shop, review: yes}');
    const failed = await gate.audited(({ event }) => event === 'failed');
    expect(failed.reason).toContain('the old policy stays: ');
    gate.reload(shopRules);
    await waitFor(() => gate.audit().filter(({ event }) => event === 'reloaded').length === 2);
    expect((await client.exec('apps:exists my-branch')).exit).toBe(20);
    gate.reload(shopRules, 'another-audience');
    const { reason } = await gate.audited(
      ({ event, reason }) => event === 'reloaded' && reason !== undefined,
    );
    expect(reason).toBe('gitlab will count after a restart');
    gate.reload(shopRules);
    await waitFor(() => gate.audit().filter(({ event }) => event === 'reloaded').length === 4);
  });
});

describe('the health check', () => {
  const health = async (address: string) => {
    const policy = `host: {address: h, key: /k, known_hosts: /h}\nlisten: {address: "${address}", host_key: /k}\ngitlab: {url: https://x}\nprojects: [{path: a/b}]`;
    writeFileSync(join(gate.folder, 'health.yml'), policy, { mode: 0o600 });
    return (await runProgram({ argv: ['gate', 'health', '--policy', 'health.yml'], cwd: gate.folder })).exit;
  };

  test('exits with 0 if the gate answers, and with 3 if another program does or none', async () => {
    expect(await health(`0.0.0.0:${gate.port}`)).toBe(0);
    expect(await health(`127.0.0.1:${gate.sandbox.webPort}`)).toBe(3);
    expect(await health(`unix:${gate.folder}/none.sock`)).toBe(3);
  });
});
