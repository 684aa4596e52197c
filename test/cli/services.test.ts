import { afterAll, beforeAll, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop({ services: ['postgres', 'redis'] });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

const password = 'a-passw0rd-for-the-db';
const start = (words = '') =>
  shop.run(`review start --app fix ${words}`.trim(), { CI_COMMIT_REF_NAME: 'fix', DB_PASSWORD: password });

test('several services of one type are created with their options, each linked under its own variable', async () => {
  shop.repository.commit({
    'index.html': 'hello',
    '.dokku-deploy.yml': `services:
  - {type: postgres, as: OTHER_DATABASE, image: postgis/postgis, version: 18-3.6, options: {memory: 512m, password: $DB_PASSWORD}}
  - {type: postgres, name: main}
  - redis
  - {type: redis, as: CACHE, options: {memory: 64}}
`,
  });
  const { exit, stdout, stderr } = await start();
  expect(exit, stderr).toBe(0);
  const urls = [...shop.config('fix')].filter(([key]) => key.endsWith('_URL') && !key.startsWith('DOKKU_'));
  expect(Object.fromEntries(urls)).toEqual({
    DATABASE_URL: expect.stringContaining('@dokku-postgres-fix-main:5432/'),
    OTHER_DATABASE_URL: expect.stringContaining(`${password}@dokku-postgres-fix-postgres:5432/`),
    REDIS_URL: expect.stringContaining('@dokku-redis-fix-redis:6379'),
    CACHE_URL: expect.stringContaining('@dokku-redis-fix-redis-2:6379'),
  });
  const created = shop.sandbox.journal.commands
    .map(({ line }) => line)
    .filter((line) => /:create/.test(line));
  expect(created).toContain(
    `postgres:create fix-postgres --image postgis/postgis --image-version 18-3.6 --memory 512 --password ${password}`,
  );
  expect(created).toContain('redis:create fix-redis-2 --memory 64');
  expect(stdout + stderr).not.toContain(password);
});

test('a plan shows a password of a service by its name, and has no step for services that exist', async () => {
  const { stdout } = await start('--dry-run --offline');
  expect(stdout).toContain('--memory 512 --password [service.fix-postgres.password]');
  expect(stdout).not.toContain(password);
  expect((await start('--dry-run')).stdout).not.toMatch(/create|link|Configure/i);
});
