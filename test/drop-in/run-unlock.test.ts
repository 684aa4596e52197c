import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OfficialJobs, officialJobs } from '../support/official-job.ts';

let jobs: OfficialJobs;

beforeAll(async () => {
  jobs = await officialJobs();
  await jobs.dokku('apps:create shop');
});

afterAll(() => jobs[Symbol.asyncDispose]());

beforeEach(() => {
  jobs.commands();
});

const unlock = (env: Readonly<Record<string, string | undefined>> = {}) =>
  jobs.run(env, { calledAs: 'dokku-unlock' });
const unlocked = () => jobs.commands().includes('apps:unlock shop');

describe('dokku-unlock', () => {
  test('does nothing about an app without a lock', async () => {
    const { exit, stderr } = await unlock();
    expect([exit, stderr, unlocked()]).toEqual([0, 'shop has no deploy lock.\n', false]);
  });

  test('removes a lock that no running deploy holds', async () => {
    await jobs.dokku('apps:lock shop');
    const { exit, stderr, stdout } = await unlock();
    expect([exit, stdout, stderr]).toEqual([0, '', expect.stringContaining('it is removed')]);
    await expect(jobs.dokku('apps:locked shop')).rejects.toThrow();
  });

  test.each([
    [
      'a deploy is running',
      { exit: 0, stdout: '[{"id":"x","status":"running"}]\n' },
      'A deploy of shop is running',
    ],
    [
      'the host cannot list its builds',
      { exit: 1, stdout: ' !     `builds:list` is not a dokku command.\n' },
      'a deploy may be running',
    ],
  ])('does not remove a lock while %s, and names the way to do so', async (_, answer, message) => {
    await jobs.dokku('apps:lock shop');
    jobs.sandbox.faults.inject(/^builds:list/, { kind: 'answer', ...answer });
    const { exit, stderr } = await unlock();
    expect([exit, stderr, unlocked()]).toEqual([6, expect.stringContaining(message), false]);
    expect(stderr).toContain(`ssh ${jobs.remote('').replace(/\/$/, '')} apps:unlock shop`);
    await jobs.dokku('apps:unlock shop');
  });

  test('reports a missing app and a missing host key', async () => {
    const missing = await unlock({ GIT_REMOTE_URL: jobs.remote('nothing') });
    expect([missing.exit, missing.stderr]).toEqual([
      4,
      expect.stringContaining('App nothing does not exist'),
    ]);
    const unpinned = await unlock({ SSH_HOST_KEY: undefined });
    expect([unpinned.exit, unpinned.stderr]).toEqual([2, expect.stringContaining('SSH_HOST_KEY: not set')]);
  });
});
