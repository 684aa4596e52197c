import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeEach(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create good');
  await host.run('apps:create other');
});

afterEach(() => host[Symbol.asyncDispose]());

const named = (app: string) => host.machine.state.sites.find((site) => site.app === app)?.names;

describe('nginx has one configuration for all apps', () => {
  test.each([
    [
      'domains:add good *',
      'server name "*" is invalid in /home/dokku/good/nginx.conf:8',
      'domains:remove good *',
    ],
    [
      'domains:add good a..b',
      'invalid server name or wildcard "a..b" on 0.0.0.0:80',
      'domains:remove good a..b',
    ],
    [
      'http-auth:add-allowed-ip good nonsense',
      'invalid parameter "nonsense" in /home/dokku/good/nginx.conf.d/http-auth.conf:4',
      'http-auth:remove-allowed-ip good nonsense',
    ],
  ])('after %s every app’s change fails until it is taken back', async (mistake, message, repair) => {
    const broken = await host.run(mistake);
    expect([broken.exit, broken.err.includes(message)]).toEqual([1, true]);
    const innocent = await host.run('domains:add other new.example.com');
    expect([innocent.exit, innocent.err.includes(message)]).toEqual([1, true]);
    expect((await host.run('apps:create third')).exit).toBe(1);
    await host.run(repair);
    expect((await host.run('domains:add other newer.example.com')).exit).toBe(0);
  });

  test('the running nginx keeps serving the last valid configuration', async () => {
    await host.run('domains:add good *');
    await host.run('domains:set other moved.example.com');
    expect(named('other')).toEqual(['other.lab.dokku.test']);
    await host.run('domains:remove good *');
    expect(named('other')).toEqual(['moved.example.com']);
  });

  test('a property only takes effect, and only breaks nginx, when the configuration is built', async () => {
    expect((await host.run('nginx:set good client-max-body-size lots')).exit).toBe(0);
    expect((await host.run('domains:add other new.example.com')).exit).toBe(0);
    const built = await host.run('proxy:build-config good');
    expect([built.exit, built.err]).toEqual([
      1,
      expect.stringContaining('"client_max_body_size" directive invalid value'),
    ]);
  });

  test('validate-config with --clean removes the faulty file', async () => {
    await host.run('domains:add good *');
    const cleaned = await host.run('nginx:validate-config --clean');
    expect([cleaned.exit, cleaned.err]).toEqual([
      0,
      ' !     Failed to validate nginx config for good. Contents below...\n !     Removing invalid nginx file\n',
    ]);
    expect((await host.run('nginx:validate-config')).err).toBe('');
  });

  test('a domain of two apps belongs to the first one by name', async () => {
    await host.run('domains:add other good.lab.dokku.test');
    expect(host.machine.state.sites.map(({ app }) => app)).toEqual(['good', 'other']);
  });
});

test('an app with another proxy has no nginx configuration and breaks nothing', async () => {
  await host.run('proxy:set good caddy');
  expect((await host.run('proxy:report good --proxy-type')).out).toBe('caddy\n');
  expect((await host.run('domains:add good *')).exit).toBe(0);
  const shown = await host.run('nginx:show-config good');
  expect([shown.exit, shown.err]).toEqual([
    1,
    ' !     This command is only available for apps with the nginx proxy type\n',
  ]);
});

test('an https mapping without a certificate is ignored with a warning', async () => {
  const { exit, err } = await host.run('ports:set good http:80:5000 https:443:5000');
  expect([exit, err]).toEqual([
    0,
    ' !     Ignoring detected https port mapping without an accompanying ssl certificate (https:443:5000)\n !     No web listeners specified for good\n',
  ]);
});
