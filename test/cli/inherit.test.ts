import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatEnv } from '../../sandbox/host/envfile.ts';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
  await shop.deploy('production', 'hello');
  setOnShop('STRIPE_KEY', 'sk_l1ve_51Habc');
  setOnShop('S3_KEY', 'AKIA0123456789');
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

const inherit = (keys: string) =>
  shop.repository.commit({ '.dokku-deploy.yml': `review: {inherit: {app: shop, keys: [${keys}]}}\n` });
/** What an operator does on the host. */
const setOnShop = (key: string, value: string) => {
  shop.app('shop').envFile = formatEnv(new Map([...shop.config('shop'), [key, value]]));
};
const allow = (keys: string) => setOnShop('DOKKU_DEPLOY_INHERITABLE', keys);
const start = (words = '') =>
  shop.run(`review start --app fix ${words}`.trim(), { CI_COMMIT_REF_NAME: 'fix' });
const setDuring = async (act: () => Promise<unknown>): Promise<string[]> => {
  const before = shop.sandbox.journal.commands.length;
  await act();
  const lines = shop.sandbox.journal.commands.slice(before).map(({ line }) => line);
  return lines.filter((line) => !/^(config:export|\S+:report|builds:list|apps:exists)/.test(line));
};

test('a review app cannot inherit what the other app does not allow, and nothing is changed', async () => {
  inherit('STRIPE_KEY, S3_KEY');
  allow('S3_KEY');
  const sent = await setDuring(async () => {
    const { exit, stderr } = await start();
    expect([exit, stderr]).toEqual([
      4,
      expect.stringContaining('STRIPE_KEY: DOKKU_DEPLOY_INHERITABLE of shop does not'),
    ]);
    expect(stderr).toContain('#not-inheritable');
  });
  expect(sent).toEqual([]);
});

test('what it allows arrives, is shown nowhere, and is not written again', async () => {
  allow('STRIPE_KEY,S3_KEY');
  const { stdout: plan } = await start('--dry-run');
  const { exit, stdout, stderr } = await start();
  expect(exit, stderr).toBe(0);
  expect(shop.config('fix').get('STRIPE_KEY')).toBe('sk_l1ve_51Habc');
  expect(shop.config('fix').get('DOKKU_DEPLOY_KEYS')).toBe('S3_KEY,STRIPE_KEY');
  expect(stderr).toContain('Configure fix: STRIPE_KEY, S3_KEY');
  expect(plan + stdout + stderr).not.toMatch(/sk_l1ve|AKIA/);
  expect((await start('--dry-run')).stdout).not.toContain('Configure');
});

test('a plan as commands has what is inherited as variables, also without a host', async () => {
  for (const words of ['--dry-run --explain', '--dry-run --explain --offline']) {
    const { exit, stdout, stderr } = await start(words);
    expect([exit, stderr]).toEqual([0, expect.not.stringContaining('bug')]);
    expect(stdout).not.toMatch(/sk_l1ve|AKIA/);
  }
  const { stdout } = await shop.run('review start --app other --dry-run --explain', {
    CI_COMMIT_REF_NAME: 'other',
  });
  expect(stdout).toContain('"$(json_text "$STRIPE_KEY")"');
});

test('a value that changes on the other app arrives with the next run, and a key that is no longer inherited leaves', async () => {
  inherit('S3_KEY');
  setOnShop('S3_KEY', 'AKIA9876543210');
  expect((await start()).exit).toBe(0);
  expect([shop.config('fix').get('S3_KEY'), shop.config('fix').has('STRIPE_KEY')]).toEqual([
    'AKIA9876543210',
    false,
  ]);
});

test('what an environment inherits is no difference of its configuration', async () => {
  shop.repository.commit({
    '.dokku-deploy.yml': 'environments: {staging: {app: stage, inherit: {app: shop, keys: [S3_KEY]}}}\n',
  });
  expect((await shop.run('deploy staging')).exit).toBe(0);
  const same = await shop.run('config diff staging');
  setOnShop('S3_KEY', 'AKIA5555555555');
  const other = await shop.run('config diff staging');
  expect(same.stdout).toContain('is as declared');
  expect(other.stdout).toContain('env.S3_KEY: another value → [config.S3_KEY]');
});

test('a file cannot allow it for the app that it deploys', async () => {
  shop.repository.commit({ '.dokku-deploy.yml': 'env: {DOKKU_DEPLOY_INHERITABLE: STRIPE_KEY}\n' });
  const inVariable = await shop.run('deploy production', {
    DOKKU_ENV_DOKKU_DEPLOY_INHERITABLE: 'STRIPE_KEY',
  });
  expect([(await shop.run('deploy production')).exit, inVariable.exit]).toEqual([2, 2]);
  shop.repository.commit({
    '.dokku-deploy.yml': '{}\n',
    'app.json': '{"env": {"DOKKU_DEPLOY_INHERITABLE": "STRIPE_KEY"}}',
  });
  const { exit, stderr } = await shop.run('deploy production');
  expect([exit, stderr]).toEqual([2, expect.stringContaining('keys with DOKKU_DEPLOY_ are reserved')]);
});
