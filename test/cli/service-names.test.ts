import { afterAll, beforeAll, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop({ services: ['mongo'] });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

const deploy = async (services: string) => {
  shop.repository.commit({ 'index.html': services, '.dokku-deploy.yml': `services: ${services}\n` });
  const { exit, stderr } = await shop.run('deploy production');
  expect(exit, stderr).toBe(0);
  const urls = [...shop.config('shop')].filter(([key]) => key.endsWith('_URL') && !key.startsWith('DOKKU_'));
  return Object.fromEntries(urls);
};

test('an app keeps its database when its file gets a second one, and when the variable gets another name', async () => {
  const { MONGO_URL: first } = await deploy('[mongo]');
  expect(first).toContain('@dokku-mongo-shop-database:');
  const geo = expect.stringContaining('@dokku-mongo-shop-mongo-2:');
  expect(await deploy('[mongo, {type: mongo, as: GEO}]')).toEqual({ MONGO_URL: first, GEO_URL: geo });
  expect(await deploy('[{type: mongo, as: GEO}, {type: mongo, as: MAIN}]')).toEqual({
    MAIN_URL: first,
    GEO_URL: geo,
  });
});
