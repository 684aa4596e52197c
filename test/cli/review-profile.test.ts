import { afterAll, beforeAll, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
  shop.repository.commit({
    'index.html': 'hello',
    'app.json': JSON.stringify({
      formation: { web: { quantity: 1 }, worker: { quantity: 2 } },
      cron: [{ command: 'true', schedule: '@daily' }],
    }),
    Procfile: 'web: static\nworker: sleep 1000\n',
    '.dokku-deploy.yml': '{}\n',
  });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

test('a review app runs only its web process, and with the full profile all of them', async () => {
  const start = () => shop.run('review start --app fix', { CI_COMMIT_REF_NAME: 'fix' });
  const { exit, stderr } = await start();
  expect(exit, stderr).toBe(0);
  expect(stderr).toContain('app.json: worker, cron are off in a review app');
  expect(Object.fromEntries(shop.app('fix').scale)).toEqual({ web: 1, worker: 0 });
  shop.repository.commit({ '.dokku-deploy.yml': 'review: {profile: full}\n' });
  expect((await start()).exit).toBe(0);
  expect(Object.fromEntries(shop.app('fix').scale)).toEqual({ web: 1, worker: 2 });
});
