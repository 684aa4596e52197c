import { afterEach, beforeEach, expect, test } from 'vitest';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeEach(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
});

afterEach(() => host[Symbol.asyncDispose]());

const rules = () => host.machine.state.apps.get('shop')?.proxy.parts.get('http-auth.conf');
const users = async () => (await host.run('http-auth:report shop --http-auth-users')).out;

test('enable with a user leaves the app open until it is disabled and enabled again', async () => {
  await host.run('http-auth:enable shop team secret');
  expect(rules()).toBe('\n');
  await host.run('http-auth:disable shop');
  await host.run('http-auth:enable shop');
  expect(rules()).toContain('auth_basic_user_file /home/dokku/shop/htpasswd;');
});

test('a second enable changes nothing', async () => {
  await host.run('http-auth:enable shop team secret');
  const again = await host.run('http-auth:enable shop other secret');
  expect([again.exit, await users()]).toEqual([0, 'team\n']);
});

test('a user’s name is a pattern that removes the users it matches', async () => {
  await host.run('http-auth:enable shop team secret');
  await host.run('http-auth:add-user shop t.* secret');
  expect(await users()).toBe('t.*\n');
});

test('a slash in a user’s name fails in sed after the message', async () => {
  await host.run('http-auth:enable shop team secret');
  expect(await host.run('http-auth:add-user shop a/b pw')).toEqual({
    exit: 4,
    out: '-----> Adding a/b to basic auth list\n',
    err: "sed: can't find label for jump to `:/d'\n",
  });
});

test('removing an address that isn’t allowed fails', async () => {
  expect((await host.run('http-auth:remove-allowed-ip shop 10.0.0.1')).exit).toBe(1);
});
