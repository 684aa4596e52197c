import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInImage, runShellInImage } from '../support/container.ts';
import { aClone, aRepository, type TestRepository } from '../support/repository.ts';

const users = [undefined, '1000:1000', '1234:1234'];
const as = (user: string | undefined) => (user === undefined ? {} : { user });

/** A clone of depth 20 whose owner does not exist in the image. */
const aForeignClone = (): TestRepository => {
  using origin = aRepository();
  for (let number = 0; number < 25; number += 1) origin.commit({ 'index.html': `version ${number}` });
  const clone = aClone(origin, 20);
  for (const name of ['', ...readdirSync(clone.folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(clone.folder, name), 4321, 4321);
  chmodSync(join(clone.folder, '..'), 0o755);
  return clone;
};

test.each(users)('--version works as the user %s', async (user) => {
  expect(await runInImage(['dokku-deploy', '--version'], as(user))).toEqual({ exit: 0, output: '1.0.0' });
});

test('dokku-unlock, the second program of the official image, is there', async () => {
  const { exit, output } = await runInImage(['dokku-unlock']);
  expect([exit, output]).toEqual([2, expect.stringContaining('GIT_REMOTE_URL: not set')]);
});

test('an unknown command fails, so that a job whose script was swallowed is not green', async () => {
  expect((await runInImage(['dokku-deploy', 'sh', '-c', 'true'])).exit).toBe(2);
});

test.each(users)('a local dry run works in another user’s read-only clone as the user %s', async (user) => {
  using clone = aForeignClone();
  const flags = ['--network', 'none', '--volume', `${clone.folder}:/app:ro`, '--workdir', '/app'];
  const ran = await runInImage(['dokku-deploy', 'review', 'start', '--dry-run', '--offline'], {
    ...as(user),
    flags,
    env: { CI_COMMIT_REF_NAME: 'my-branch' },
  });
  expect(ran.exit, ran.output).toBe(0);
  expect(ran.output).toContain('Plan of review start for the app my-branch');
});

test('a script can use git in another user’s clone', async () => {
  using clone = aForeignClone();
  const flags = ['--network', 'none', '--volume', `${clone.folder}:/app:ro`, '--workdir', '/app'];
  const output = await runShellInImage('git log --oneline | wc -l && git status --porcelain', {
    user: '1234:1234',
    flags,
  });
  expect(output.trim()).toBe('20');
});

test.each(users)('deploys to a sandbox in the same container as the user %s', async (user) => {
  using clone = aForeignClone();
  const flags = ['--network', 'none', '--volume', `${clone.folder}:/app:ro`, '--workdir', '/app'];
  const words = ['dokku-deploy', 'review', 'start'];
  const ran = await runInImage(['dokku-deploy', 'sandbox', '--', ...words], {
    ...as(user),
    flags,
    env: { CI_COMMIT_REF_NAME: 'my-branch' },
  });
  expect(ran.exit, ran.output).toBe(0);
  expect(ran.output).toMatch(/http:\/\/my-branch\.localhost:\d+/);
});

test('a shallow clone that cannot be deepened fails with the variable to set: the image’s git has no HTTPS', async () => {
  using clone = aForeignClone();
  clone.git('-c', 'safe.directory=*', 'remote', 'set-url', 'origin', 'https://gitlab.example.com/a/b.git');
  const flags = ['--network', 'none', '--volume', `${clone.folder}:/app:ro`, '--workdir', '/app'];
  const script =
    'printf "source: {history: full}\\n" > /tmp/full.yml; dokku-deploy sandbox -- dokku-deploy review start --config /tmp/full.yml --dotenv none --facts none';
  const ran = await runInImage(['sh', '-c', script], { flags, env: { CI_COMMIT_REF_NAME: 'my-branch' } });
  expect(ran.output).toContain('Set GIT_DEPTH: 0 for the job');
  expect(ran.exit).toBe(2);
});
