import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeAll(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
});

afterAll(() => host[Symbol.asyncDispose]());

test('maintenance is turned on and off, and doing so again succeeds', async () => {
  const report = async () => (await host.run('maintenance:report shop --format json')).out;
  expect(await report()).toBe('{"enabled":"false","custom-page-sha256":""}\n');
  expect((await host.run('maintenance:enable shop')).out).toBe(
    '-----> Enabling maintenance mode for shop...\n       Done\n',
  );
  expect(await host.run('maintenance:enable shop')).toEqual({
    exit: 0,
    out: '-----> Maintenance mode already enabled\n',
    err: '',
  });
  expect(await report()).toBe('{"enabled":"true","custom-page-sha256":""}\n');
  await host.run('maintenance:disable shop');
  expect((await host.run('maintenance:disable shop')).out).toBe('-----> Maintenance mode already disabled\n');
});

test('a value that is empty can’t be asked for alone', async () => {
  const { exit, err } = await host.run('maintenance:report shop --maintenance-custom-page-sha256');
  expect([exit, err]).toEqual([1, ' !     not deployed\n']);
});
