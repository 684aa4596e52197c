import { afterAll, beforeAll, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
  shop.repository.commit({
    'index.html': 'hello',
    '.dokku-deploy.yml':
      'env: {HOST: $APP_HOST}\nreview: {}\nenvironments: {production: {domains: [shop.example.test]}}\n',
  });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

const branch = { CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_REF_SLUG: 'fix' };

test('a plan for a host that is not asked says what it cannot know', async () => {
  const { exit, stdout } = await shop.run('review start --dry-run --offline', branch);
  expect([exit, stdout]).toEqual([
    0,
    expect.stringContaining('the address of fix is known only to the host, which was not asked'),
  ]);
});

test('validate accepts it', async () => {
  expect(await shop.run('validate')).toMatchObject({ exit: 0 });
});

test('a review app gets its own address with its first start, and keeps it', async () => {
  const plan = await shop.run('review start --dry-run', branch);
  expect([plan.exit, plan.stdout]).toEqual([0, expect.stringContaining('Configure fix: HOST')]);
  const { exit, stderr } = await shop.run('review start', branch);
  expect(exit, stderr).toBe(0);
  expect(shop.config('fix').get('HOST')).toBe('fix.localhost');
  expect((await shop.run('review start --dry-run', branch)).stdout).not.toContain('Configure');
});

test('an environment with domains gets the declared one', async () => {
  const { exit, stderr } = await shop.run('deploy production');
  expect(exit, stderr).toBe(0);
  expect(shop.config('shop').get('HOST')).toBe('shop.example.test');
});

test('review prepare and config diff know it, too', async () => {
  const other = { CI_COMMIT_REF_NAME: 'other', CI_COMMIT_REF_SLUG: 'other' };
  const { exit, stderr } = await shop.run('review prepare', other);
  expect(exit, stderr).toBe(0);
  expect(shop.config('other').get('HOST')).toBe('other.localhost');
  shop.repository.commit({ '.dokku-deploy.yml': 'env: {HOST: "$APP_HOST:80"}\n' });
  const diff = await shop.run('config diff production');
  expect(diff.stdout, diff.stderr).toContain('env.HOST: shop.example.test → shop.localhost:80');
});

test('a host without a global domain refuses it before anything is created', async () => {
  shop.sandbox.state.domains = [];
  const { exit, stderr } = await shop.run('review start', { CI_COMMIT_REF_NAME: 'third' });
  expect([exit, stderr]).toEqual([2, expect.stringContaining('The host has no global domain')]);
  expect(shop.sandbox.state.apps.has('third')).toBe(false);
});
