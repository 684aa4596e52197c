import { describe, expect, test } from 'vitest';
import { readAddress } from '../../src/settings/addresses.ts';
import { aCertificate } from '../support/certificates.ts';
import { aDeclaredApp, settingSteps } from '../support/declared-app.ts';
import { contextOf } from '../support/job-context.ts';

const login = 'basic_auth: {user: team, password: $REVIEW_PASSWORD}';
const withPassword = (password: string) => ({ env: { REVIEW_PASSWORD: password } });
const changes = (lines: readonly string[]) =>
  lines.filter((line) => /^(http-auth:(?!report|show)|maintenance:(?!report))/.test(line));

describe('basic_auth', () => {
  test('shows and records no password', async () => {
    await using app = await aDeclaredApp();
    const plan = await app.apply(login, withPassword('correct horse'));
    const steps = plan.steps.filter(({ id }) => /^(set-|deploy$)/.test(id));
    expect(steps).toMatchObject([
      { id: 'set-basic-auth', before: 'open', after: 'user team, password [basic_auth.password]' },
      { id: 'deploy' },
      { id: 'set-basic-auth-check', answersWith: 401 },
    ]);
    expect(JSON.stringify(plan)).not.toContain('correct horse');
    expect(app.app().envFile).not.toContain('correct horse');
  });

  test('is checked at the address of probe.connect', async () => {
    await using app = await aDeclaredApp();
    const plan = await app.plan(`${login}\nprobe: {connect: "10.0.0.7:8080"}`, withPassword('one'));
    expect(settingSteps(plan).map(({ connect }) => connect)).toEqual([
      undefined,
      { host: '10.0.0.7', port: 8080 },
    ]);
  });

  test('warns about a password that the file contains, and works', async () => {
    const warningsOf = async (password: string) =>
      (
        await contextOf({
          command: 'deploy',
          flags: { environment: 'production' },
          env: { PW: 'hunter2x' },
          files: { yml: `basic_auth: {user: team, password: ${password}}` },
        })
      ).warnings.map(({ about, message }) => `${about}: ${message}`);
    for (const literal of ['hunter2x', '12345678', '"a$$b"'])
      expect(await warningsOf(literal)).toEqual([
        expect.stringMatching(/basic_auth\.password: is a secret that .*write \$BASIC_AUTH_PASSWORD$/),
      ]);
    expect(await warningsOf('$PW')).toEqual([]);
    await using app = await aDeclaredApp();
    await app.apply('basic_auth: {user: team, password: hunter2x}');
    expect((await app.run('http-auth:report shop --http-auth-users')).out).toBe('team\n');
  });

  test('stores the user before it writes the rules, since enabling alone leaves the app open', async () => {
    await using app = await aDeclaredApp();
    await app.apply(login, withPassword('one'));
    expect(changes(app.sent())).toEqual([
      'http-auth:enable shop',
      'http-auth:add-user shop team one',
      'http-auth:add-allowed-ip shop 203.0.113.255',
      'http-auth:remove-allowed-ip shop 203.0.113.255',
    ]);
  });

  test('sets a new password with one command, and never opens the app', async () => {
    await using app = await aDeclaredApp();
    await app.apply(login, withPassword('one'));
    await app.apply(login, withPassword('two'));
    expect(changes(app.sent())).toEqual(['http-auth:add-user shop team two']);
  });

  test('removes a former user', async () => {
    await using app = await aDeclaredApp();
    await app.apply(login, withPassword('one'));
    await app.apply(login.replace('team', 'crew'), withPassword('one'));
    expect((await app.run('http-auth:report shop --http-auth-users')).out).toBe('crew\n');
  });

  test('expects no status if allowed_ips may let this job in', async () => {
    await using app = await aDeclaredApp();
    const plan = await app.apply(`${login}\nallowed_ips: [10.0.0.0/8]`, withPassword('one'));
    expect(settingSteps(plan).map(({ id, answersWith }) => [id, answersWith])).toEqual([
      ['set-basic-auth', undefined],
      ['set-allowed-ips', undefined],
    ]);
    await app.apply('{}');
    const rules = app.app().proxy.parts.get('http-auth.conf') ?? '';
    expect(rules.trim()).toBe('');
  });

  test('finds an app that someone has opened by hand', async () => {
    await using app = await aDeclaredApp();
    await app.apply(login, withPassword('one'));
    await app.run('http-auth:disable shop');
    const plan = await app.plan(login, { ...withPassword('one'), context: { drift: 'repair' } });
    expect(settingSteps(plan)).toMatchObject([{ before: 'open' }, { answersWith: 401 }]);
  });
});

describe('an app whose access changes from one kind to the other', () => {
  const onlyAddresses = 'allowed_ips: [10.0.0.0/8]';
  const rulesOf = (parts: ReadonlyMap<string, string>) => parts.get('http-auth.conf') ?? '';

  test('is never open in between', async () => {
    await using app = await aDeclaredApp();
    for (const yml of [onlyAddresses, login, onlyAddresses]) {
      await app.apply(yml, withPassword('one'));
      expect(rulesOf(app.app().proxy.parts)).toMatch(yml === login ? /auth_basic_user_file/ : /deny all/);
      expect(rulesOf(app.app().proxy.parts)).not.toMatch(yml === login ? /deny all/ : /auth_basic_user_file/);
      expect(app.sent()).not.toContain('http-auth:disable shop');
    }
  });
});

describe('a host without the plugin', () => {
  const cases = [
    [login, 'basic_auth', 'https://github.com/dokku/dokku-http-auth.git'],
    ['allowed_ips: [10.0.0.0/8]', 'allowed_ips', 'https://github.com/dokku/dokku-http-auth.git'],
    ['maintenance: true', 'maintenance', 'https://github.com/dokku/dokku-maintenance.git'],
    ['tls: letsencrypt', 'tls', 'https://github.com/dokku/dokku-letsencrypt.git'],
  ] as const;
  const plugins = /^(http-auth|maintenance|letsencrypt):/;

  test.each(cases)(
    'refuses "%s" before anything is changed, with the command that installs it',
    async (...row) => {
      const [yml, key, url] = row;
      await using app = await aDeclaredApp([], plugins);
      await expect(app.apply(yml, withPassword('one'))).rejects.toMatchObject({
        code: 'plugin-missing',
        message: expect.stringContaining(key),
        remedy: expect.stringContaining(`sudo dokku plugin:install ${url}`),
      });
      expect(app.sent().filter((line) => !/(report|show|export|list|locked)/.test(line))).toEqual([]);
    },
  );

  test('leaves out what is optional for a review app, with a warning', async () => {
    await using app = await aDeclaredApp([], plugins);
    const yml = `review:
  basic_auth: {user: team, password: $REVIEW_PASSWORD, optional: true}
  allowed_ips: {addresses: [10.0.0.0/8], optional: true}
  maintenance: {enabled: true, optional: true}
  tls: {letsencrypt: {email: ops@example.com, optional: true}}`;
    const plan = await app.plan(yml, { command: 'review start', ...withPassword('one') });
    expect(settingSteps(plan)).toEqual([]);
    expect(
      plan.warnings?.filter((text) => text.includes('is left out')).map((text) => text.split(' ')[0]),
    ).toEqual(['tls', 'basic_auth', 'allowed_ips', 'maintenance']);
  });

  test('needs none of them for a certificate of its own', async () => {
    await using app = await aDeclaredApp([], plugins);
    const { certificate, key } = aCertificate(['example.com']);
    await app.apply('tls: {certificate: $CERT, key: $KEY}', { env: { CERT: certificate, KEY: key } });
    expect((await app.run('certs:show shop crt')).out).toBe(certificate);
  });
});

describe('maintenance', () => {
  test('false ends it, after the deploy', async () => {
    await using app = await aDeclaredApp();
    await app.run('maintenance:enable shop');
    await app.apply('maintenance: false');
    expect(changes(app.sent())).toEqual(['maintenance:disable shop']);
  });
});

describe('nginx', () => {
  test('takes away only what was declared', async () => {
    await using app = await aDeclaredApp();
    await app.run('nginx:set shop send-timeout 30s');
    await app.apply('nginx: {client-max-body-size: 50m, proxy-read-timeout: 5m}');
    await app.apply('nginx: {client-max-body-size: 60m}');
    const own = [...app.app().properties].filter(
      ([name, value]) => name.startsWith('nginx.') && value !== '',
    );
    expect(own.toSorted()).toEqual([
      ['nginx.client-max-body-size', '60m'],
      ['nginx.send-timeout', '30s'],
    ]);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['2001:db8::/32', '2001:db8::/32'],
  ['::/0', '::/0'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
])('the address %s is %s in its usual form', (text, form) => {
  expect(readAddress(text)).toBe(form);
});

test.each([
  '',
  '1.2.3',
  '01.2.3.4',
  '1.2.3.4/',
  '1.2.3.4/8/8',
  '1.2.3.4/-1',
  ':::',
  '2001:db8::/129',
  'unix:',
])('%j is not an address', (text) => {
  expect(readAddress(text)).toMatchObject({ message: expect.any(String) });
});
