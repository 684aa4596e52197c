import { afterAll, beforeAll, expect, test } from 'vitest';
import { setProperty } from '../../../sandbox/host/app-properties.ts';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeAll(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
});

afterAll(() => host[Symbol.asyncDispose]());

test('enable needs an e-mail address, and then fails as no certificate authority can be reached', async () => {
  expect((await host.run('letsencrypt:enable shop')).exit).toBe(1);
  await host.run('letsencrypt:set shop email not-an-email');
  const { exit, err } = await host.run('letsencrypt:enable shop');
  expect([exit, err]).toEqual([69, expect.stringContaining('Failed to setup letsencrypt')]);
  expect((await host.run('letsencrypt:active shop')).out).toBe('false\n');
});

test('settings of the host apply to an app without its own', async () => {
  await host.run('letsencrypt:set --global server staging');
  expect((await host.run('letsencrypt:report shop --letsencrypt-computed-server')).out).toBe(
    'https://acme-staging-v02.api.letsencrypt.org/directory\n',
  );
});

test('disable removes the app’s certificate, even one that isn’t from Let’s Encrypt', async () => {
  const app = host.machine.state.apps.get('shop');
  if (app) for (const key of ['crt', 'key']) setProperty(app, 'certs', key, 'x');
  expect((await host.run('letsencrypt:disable shop')).exit).toBe(0);
  expect((await host.run('certs:report shop --ssl-enabled')).out).toBe('false\n');
});
