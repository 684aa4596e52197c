import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop({ services: ['mysql'] });
  shop.repository.commit({
    '.dokku-deploy.yml': 'services: [mysql]\nenv: {API_TOKEN: $API_TOKEN, MODE: fast}\n',
    'index.html': 'hello',
  });
});

afterAll(() => shop[Symbol.asyncDispose]());

const token = { API_TOKEN: 'a-s3cret-token' };

describe('--explain', () => {
  test('prints the plan for the host as commands, without a secret, and changes nothing', async () => {
    const { exit, stdout } = await shop.run('deploy production --dry-run --explain', token);
    expect(exit).toBe(0);
    expect(stdout).toContain(`-p ${shop.sandbox.port} dokku@127.0.0.1 -- 'apps:create shop'`);
    expect(stdout).toContain('"MODE":"fast"');
    expect(stdout).toContain('"$(json_text "$API_TOKEN")"');
    expect(stdout).not.toContain(token.API_TOKEN);
    expect(shop.sandbox.state.apps.size).toBe(0);
  });

  test('works offline, and for a review app', async () => {
    const { exit, stdout } = await shop.run(
      'review start --dry-run --offline --explain --allow-default-branch',
      token,
    );
    expect([exit, stdout]).toEqual([0, expect.stringContaining('dokku@"$DOKKU_HOST" --')]);
  });

  test.each([
    ['deploy production --explain', '--explain requires --dry-run.'],
    [
      'deploy production --dry-run --explain --format json',
      '--explain prints commands for a shell, not JSON.',
    ],
  ])('%s is refused', async (words, message) => {
    const { exit, stderr } = await shop.run(words, token);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
