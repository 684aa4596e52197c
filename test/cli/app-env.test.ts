import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
  shop.repository.commit({
    'index.html': 'hello',
    '.env.staging': 'LOG_LEVEL=info\nAPI_URL="https://api.example.com/v1?a=b" # the public one\n',
    '.dokku-deploy.yml':
      'env: {STAGE: staging}\nenvironments: {staging: {env_files: [.env.staging, $MORE]}}\n',
  });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

/** The job's secrets: a file-type variable and two with the prefix. */
const secrets = () => {
  const path = join(shop.sandbox.folder, 'MORE');
  writeFileSync(path, "PRIVATE_KEY='-----BEGIN KEY-----\nbody of the key\n-----END KEY-----'\n");
  return { MORE: path, DOKKU_ENV_SMTP_PASSWORD: 'sm1p-pa$$word', DOKKU_ENV_LOG_LEVEL: 'debug' };
};

const settings = () =>
  Object.fromEntries([...shop.config('shop-staging')].filter(([key]) => !/^(DOKKU|GIT)_/.test(key)));

describe('dotenv files and variables with the prefix', () => {
  test('become the app’s configuration, and no value is in the log', async () => {
    const { exit, stdout, stderr } = await shop.run('deploy staging', secrets());
    expect(exit, stderr).toBe(0);
    expect(settings()).toMatchObject({
      STAGE: 'staging',
      API_URL: 'https://api.example.com/v1?a=b',
      PRIVATE_KEY: '-----BEGIN KEY-----\nbody of the key\n-----END KEY-----',
      SMTP_PASSWORD: 'sm1p-pa$$word',
      LOG_LEVEL: 'debug',
    });
    expect(stdout + stderr).not.toMatch(/sm1p|body of the key|api\.example/);
    expect(stderr).toContain('Configure shop-staging: LOG_LEVEL, API_URL, PRIVATE_KEY, STAGE, SMTP_PASSWORD');
  });

  test('are not written again when they are unchanged', async () => {
    const { stdout } = await shop.run('deploy staging --dry-run', secrets());
    expect(stdout).not.toContain('Configure');
  });

  test('leave the app once they are gone, and the others stay', async () => {
    const { DOKKU_ENV_SMTP_PASSWORD: _, ...rest } = secrets();
    writeFileSync(rest.MORE, 'OTHER=1\n');
    expect((await shop.run('deploy staging', rest)).exit).toBe(0);
    expect(settings()).not.toHaveProperty('SMTP_PASSWORD');
    expect(settings()).not.toHaveProperty('PRIVATE_KEY');
    expect(settings()).toMatchObject({ OTHER: '1', LOG_LEVEL: 'debug', STAGE: 'staging' });
  });

  test('that are wrong are all reported with their places, and nothing is sent to the host', async () => {
    const more = secrets();
    writeFileSync(more.MORE, 'A=1\nnot a variable\nPASSWORD=hunter2#3\n');
    const before = shop.sandbox.journal.commands.length;
    const { exit, stderr } = await shop.run('deploy staging', { ...more, 'DOKKU_ENV_A-B': 'x' });
    expect([exit, shop.sandbox.journal.commands.length]).toEqual([2, before]);
    for (const place of [
      '$MORE:2:1: not of the form',
      '$MORE:3:1: the value has a #',
      'DOKKU_ENV_A-B: the key may',
    ])
      expect(stderr).toContain(place);
    expect(stderr).not.toMatch(/hunter2|not a variable/);
  });
});
