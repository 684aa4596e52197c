import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { type OfficialJobs, officialJobs } from '../support/official-job.ts';

let jobs: OfficialJobs;

beforeAll(async () => {
  jobs = await officialJobs();
  await jobs.dokku('apps:create shop');
  await jobs.dokku(
    'config:set --no-restart shop RAILS_ENV=production SECRET_KEY_BASE=s3cr3t-of-production STRIPE_KEY=sk_live_0123',
  );
  await jobs.dokku('postgres:create shop-data');
  await jobs.dokku('postgres:link shop-data shop');
});

afterAll(() => jobs[Symbol.asyncDispose]());

const configOf = (app: string) => parseEnv(jobs.sandbox.state.apps.get(app)?.envFile ?? '');
const job = { CI_COMMIT_REF_NAME: 'fix', CI_PROJECT_PATH: 'group/shop', COMMAND: 'review-apps:create' };

describe('a review app with the configuration of another app', () => {
  test('has its settings, what its operator allows, and a database of its own', async () => {
    await jobs.dokku('config:set --no-restart shop DOKKU_DEPLOY_INHERITABLE=SECRET_KEY_BASE');
    const { exit, stderr } = await jobs.run(job);
    expect([exit, stderr]).toEqual([
      0,
      expect.stringContaining(
        '2 variables are copied from shop; not DATABASE_URL: the review app must not work on its data; it gets its own postgres instead; not STRIPE_KEY, which may be secret',
      ),
    ]);
    expect(stderr).not.toMatch(/s3cr3t-of-production|sk_live/);
    expect(configOf('review-shop-fix').has('STRIPE_KEY')).toBe(false);
    const [parent, review] = [configOf('shop'), configOf('review-shop-fix')];
    for (const key of ['RAILS_ENV', 'SECRET_KEY_BASE']) expect(review.get(key)).toBe(parent.get(key));
    expect(parent.get('DATABASE_URL')).toContain('dokku-postgres-shop-data');
    expect(review.get('DATABASE_URL')).toContain('dokku-postgres-review-shop-fix-database');
  });

  test('keeps what was changed on it since, and a second run writes nothing', async () => {
    await jobs.dokku('config:set --no-restart review-shop-fix RAILS_ENV=review');
    await jobs.dokku('config:set --no-restart shop RAILS_ENV=changed');
    jobs.commands();
    expect((await jobs.run(job)).exit).toBe(0);
    expect(jobs.commands().filter((line) => /config:(set|import|unset)|:create|:link/.test(line))).toEqual(
      [],
    );
    expect(configOf('review-shop-fix').get('RAILS_ENV')).toBe('review');
  });

  test('is removed with that database, and the other app keeps its own', async () => {
    expect((await jobs.run({ ...job, COMMAND: 'review-apps:destroy' })).exit).toBe(0);
    expect(jobs.sandbox.state.apps.has('review-shop-fix')).toBe(false);
    await jobs.dokku('postgres:exists shop-data');
    await expect(jobs.dokku('postgres:exists review-shop-fix-database')).rejects.toThrow('does not exist');
  });

  test('cannot have that of an app which does not exist', async () => {
    const { exit, stderr } = await jobs.run({ ...job, GIT_REMOTE_URL: jobs.remote('nothing') });
    expect([exit, stderr]).toEqual([4, expect.stringContaining('There is no app nothing')]);
    expect(jobs.sandbox.state.apps.has('review-nothing-fix')).toBe(false);
  });

  test.each(['Not A Name', 'preview'])('cannot have that of %j', async (name) => {
    const argv = ['review', 'start', '--app', 'preview', '--copy-env-from', name];
    const { exit, stderr } = await jobs.run(job, { argv });
    expect([exit, stderr]).toEqual([2, expect.stringContaining('--copy-env-from: ')]);
  });
});
