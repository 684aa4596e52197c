import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aFolder } from '../support/repository.ts';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;
const outside = aFolder();
/** While this file exists, no release succeeds. */
const obstacle = join(outside.folder, 'obstacle');

beforeAll(async () => {
  shop = await aShop({ services: ['redis'] });
  shop.repository.commit({
    'app.json': JSON.stringify({ scripts: { dokku: { predeploy: `test ! -e ${obstacle}` } } }),
    'package.json': JSON.stringify({ name: 'shop', version: '1.0.0' }),
    Procfile: 'web: node server.js',
    'server.js': `
const { PORT, COLOUR = 'none', REDIS_URL = 'none' } = process.env;
require('node:http').createServer((_, response) => response.end(COLOUR + ' ' + REDIS_URL.split(':')[0])).listen(PORT);
`,
  });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  outside[Symbol.dispose]();
});

const declare = (yml: string): void => writeFileSync(join(shop.repository.folder, '.dokku-deploy.yml'), yml);

/** Runs the same job twice: the first time, the release fails. Returns how the second run ends. */
const failOnce = async (words: string, env: Readonly<Record<string, string>>) => {
  writeFileSync(obstacle, '');
  expect((await shop.run(words, env)).exit).toBe(4);
  rmSync(obstacle);
  return shop.run(words, env);
};

test('a job that is run again after its release failed starts the app with the new configuration', async () => {
  expect((await shop.run('deploy production', { DOKKU_ENV_COLOUR: 'red' })).exit).toBe(0);
  expect(await shop.page('shop')).toBe('red none');
  const { exit, stderr } = await failOnce('deploy production', { DOKKU_ENV_COLOUR: 'blue' });
  expect([exit, exit === 0 ? '' : stderr]).toEqual([0, '']);
  expect(await shop.page('shop')).toBe('blue none');
  const before = shop.sandbox.journal.commands.length;
  expect((await shop.run('deploy production', { DOKKU_ENV_COLOUR: 'blue' })).exit).toBe(0);
  const again = shop.sandbox.journal.commands.slice(before).map(({ line }) => line);
  expect(again.filter((line) => /ps:rebuild|receive-pack|config:import/.test(line))).toEqual([]);
  declare('services: [redis]\n');
  expect((await failOnce('deploy production', { DOKKU_ENV_COLOUR: 'blue' })).exit).toBe(0);
  expect(await shop.page('shop')).toBe('blue redis');
  declare('services: []\n');
  expect((await failOnce('deploy production', {})).exit).toBe(0);
  expect(await shop.page('shop')).toBe('none redis');
});

test('so does a job that is run again after it failed between two changes of the configuration', async () => {
  const env = { CI_COMMIT_REF_NAME: 'fix', DOKKU_ENV_COLOUR: 'red' };
  declare('services: []\n');
  expect((await shop.run('review start --app fix', env)).exit).toBe(0);
  shop.sandbox.faults.inject(/^config:unset/, { kind: 'fail-after' });
  const later = { CI_COMMIT_REF_NAME: 'fix' };
  expect((await shop.run('review start --app fix', later)).exit).toBe(4);
  expect((await shop.run('review start --app fix', later)).exit).toBe(0);
  expect(await shop.page('fix')).toBe('none none');
});

test('a configuration that another writer has overwritten at the same moment is written again', async () => {
  declare('services: []\n');
  const app = shop.app('shop');
  const before = app.envFile;
  shop.sandbox.faults.inject(/config:import/, {
    kind: 'then',
    call: () => Object.assign(app, { envFile: before }),
  });
  const { exit, stderr } = await shop.run('deploy production', { DOKKU_ENV_COLOUR: 'green' });
  expect([exit, exit === 0 ? '' : stderr]).toEqual([0, '']);
  expect(stderr).toContain('COLOUR');
  expect(await shop.page('shop')).toBe('green redis');
});

test('a removed key that another writer has written back at the same moment is removed again', async () => {
  declare('services: []\n');
  expect((await shop.run('deploy production', { DOKKU_ENV_COLOUR: 'green' })).exit).toBe(0);
  const app = shop.app('shop');
  const before = app.envFile;
  shop.sandbox.faults.inject(/config:unset/, {
    kind: 'then',
    call: () => Object.assign(app, { envFile: before }),
  });
  const { exit, stderr } = await shop.run('deploy production', {});
  expect([exit, exit === 0 ? '' : stderr]).toEqual([0, '']);
  expect(stderr).toContain('corrected what another writer had changed: COLOUR');
  expect(await shop.page('shop')).toBe('none redis');
});
