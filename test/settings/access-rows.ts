import { expect } from 'vitest';
import { type AccessRequest, answerInstead } from '../../sandbox/nginx/access.ts';
import type { DeclaredApp } from '../support/declared-app.ts';
import type { BadValueRow, SettingRow } from './setting-row.ts';

const env = { REVIEW_PASSWORD: 'correct horse' };
const login = 'basic_auth: {user: team, password: $REVIEW_PASSWORD}';

/** Returns the status that nginx answers a request with instead of the app; undefined if it passes it on. */
const statusOf = ({ app, host }: DeclaredApp, request: Partial<AccessRequest> = {}): number | undefined => {
  const site = host.machine.state.sites.find((one) => one.app === 'shop');
  const all = {
    path: '/',
    host: 'shop',
    address: '192.0.2.7',
    authorization: undefined,
    isSecure: true,
    length: 0,
  };
  return site && answerInstead(site, app(), { ...all, ...request })?.status;
};

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

const isOpen = (app: DeclaredApp): void => {
  expect(statusOf(app)).toBeUndefined();
  expect([...app.app().proxy.parts.keys()]).not.toContain('http-auth.conf');
  expect(app.app().properties.get('http-auth.allowed-ips') ?? '').toBe('');
};

const isProtected = (app: DeclaredApp): void => {
  expect(statusOf(app)).toBe(401);
  expect(statusOf(app, basic('team:correct horse'))).toBeUndefined();
  expect(statusOf(app, basic('guest:other'))).toBe(401);
};

export const accessRows: readonly SettingRow[] = [
  { key: 'basic_auth', yml: login, query: { env }, effect: isProtected, removed: isOpen },
  {
    key: 'basic_auth',
    title: 'on an app that was enabled by hand and is open',
    yml: login,
    query: { env },
    prepare: ({ run }) => run('http-auth:enable shop guest other'),
    effect: isProtected,
    removed: isOpen,
  },
  {
    key: 'basic_auth',
    title: 'on an app that only lets in some addresses',
    yml: login,
    query: { env },
    prepare: ({ run }) => run('http-auth:add-allowed-ip shop 10.0.0.0/8'),
    effect: (app) => {
      isProtected(app);
      expect(statusOf(app, { address: '10.1.2.3' })).toBeUndefined();
      expect(app.sent()).not.toContain('http-auth:disable shop');
    },
    removed: (app) => {
      expect(statusOf(app)).toBe(403);
      expect(statusOf(app, { address: '10.1.2.3' })).toBeUndefined();
    },
  },
  {
    key: 'allowed_ips',
    yml: 'allowed_ips: [10.0.0.0/8, "2001:DB8::1", $OFFICE]',
    query: { env: { OFFICE: '198.51.100.4' } },
    prepare: ({ run }) => run('http-auth:add-allowed-ip shop 192.0.2.0/24'),
    effect: async (app) => {
      expect(statusOf(app)).toBe(403);
      for (const address of ['10.1.2.3', '2001:db8::1', '198.51.100.4'])
        expect(statusOf(app, { address })).toBeUndefined();
      expect((await app.run('http-auth:report shop --http-auth-allowed-ips')).out).toBe(
        '10.0.0.0/8 2001:db8::1 198.51.100.4\n',
      );
    },
    removed: isOpen,
  },
  {
    key: 'allowed_ips',
    title: 'that are stored, but were disabled',
    yml: 'allowed_ips: [10.0.0.0/8]',
    prepare: async ({ run }) => {
      await run('http-auth:add-allowed-ip shop 10.0.0.0/8');
      await run('http-auth:disable shop');
    },
    effect: (app) => expect(statusOf(app)).toBe(403),
    removed: isOpen,
  },
  {
    key: 'nginx',
    yml: 'nginx: {client-max-body-size: 50m, proxy-read-timeout: 5m, hsts: false, x-forwarded-for-value: $$http_x_real_ip}',
    effect: async ({ run }) => {
      await run('proxy:build-config shop');
      const { out } = await run('nginx:report shop --nginx-computed-proxy-read-timeout');
      expect(out).toBe('5m\n');
      expect((await run('nginx:show-config shop')).out).toContain('client_max_body_size 50m;');
      expect((await run('nginx:report shop --nginx-x-forwarded-for-value')).out).toBe('$http_x_real_ip\n');
    },
    removed: ({ app }) =>
      expect(
        [...app().properties].filter(([name, value]) => name.startsWith('nginx.') && value !== ''),
      ).toEqual([]),
  },
  {
    key: 'maintenance',
    yml: 'maintenance: true',
    effect: (app) => expect(statusOf(app)).toBe(503),
  },
  {
    key: 'proxy',
    yml: 'proxy: false',
    effect: ({ app }) => expect(app().proxy.conf).toBeUndefined(),
    removed: ({ app, host }) => {
      expect(host.machine.state.sites.map((site) => site.app)).toEqual(['shop']);
      expect(app().domains).toEqual(['shop.lab.dokku.test']);
    },
  },
  {
    key: 'proxy',
    title: 'of another type',
    yml: 'proxy: traefik',
    effect: async ({ run }) => expect((await run('proxy:report shop --proxy-type')).out).toBe('traefik\n'),
  },
];

export const accessBadValues: readonly BadValueRow[] = [
  ...['a/b', 'a.*', 'x:y', '-x', 'two words'].map((user) => ({
    key: 'basic_auth',
    yml: `basic_auth: {user: "${user}", password: $REVIEW_PASSWORD}`,
    query: { env },
    message: ['basic_auth.user', `"${user}" is not a name that the http-auth plugin can store`],
  })),
  ...[
    ['-secret', 'begins with a dash'],
    ['two\nlines', 'has more than one line'],
    ['  ', 'is empty'],
  ].map(([password = '', message = '']) => ({
    key: 'basic_auth',
    yml: login,
    query: { env: { REVIEW_PASSWORD: password } },
    message: ['basic_auth.password', message],
  })),
  { key: 'basic_auth', yml: login, message: ['the variable REVIEW_PASSWORD is not set in this job'] },
  { key: 'basic_auth', yml: 'basic_auth: team', message: ['basic_auth: expected an object'] },
  ...[
    ['nonsense', 'is not an IP address'],
    ['all', 'is not an IP address'],
    ['256.0.0.1', 'is not an IP address'],
    ['10.0.0.0/33', 'has no prefix length from 0 to 32'],
    ['10.0.0.1/8', 'Write the network, 10.0.0.0/8'],
    ['example.com', 'Names are not looked up'],
    ['2001:db8::1/32', 'Write the network, 2001:db8::/32'],
  ].map(([address = '', message = '']) => ({
    key: 'allowed_ips',
    yml: `allowed_ips: [10.0.0.0/8, "${address}"]`,
    message: ['allowed_ips.1', message],
  })),
  { key: 'allowed_ips', yml: 'allowed_ips: []', message: ['allowed_ips'] },
  ...[
    ['client-max-body-size: lots', '"lots": expected a size such as 50m'],
    ['client-max-body-size: 50MB', '"50MB": expected a size such as 50m'],
    ['proxy-read-timeout: soon', '"soon": expected a time'],
    ['proxy-read-timeout: 1s1m', '"1s1m": expected a time'],
    ['bind-address-ipv4: 300.0.0.1', '"300.0.0.1": expected an IPv4 address'],
    ['bind-address-ipv6: ":::"', '":::": expected an IPv6 address'],
    ['proxy-buffering: "yes"', '"yes": expected on or off'],
    ['hsts: maybe', '"maybe": expected true or false'],
    ['client-max-body: 50m', 'Did you mean client-max-body-size?'],
    ['access-log-path: "/tmp/a; include /etc/passwd"', 'expected an absolute path'],
    ['proxy-buffer-size: 16k', 'proxy-busy-buffers-size (default 8k) must not be smaller'],
  ].map(([entry = '', message = '']) => ({
    key: 'nginx',
    yml: `nginx: {${entry}}`,
    message: ['nginx', message],
  })),
  { key: 'maintenance', yml: 'maintenance: sometimes', message: ['maintenance: expected true, false'] },
  { key: 'proxy', yml: 'proxy: apache', message: ['proxy: expected true, false, or one of nginx'] },
  {
    key: 'proxy',
    yml: '{proxy: false, domains: [example.com]}',
    message: ['proxy: is false, and domains are declared for the app'],
  },
];
