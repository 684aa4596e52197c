import { describe, expect, test } from 'vitest';
import { setProperty } from '../../../sandbox/host/app-properties.ts';
import { emptyApp } from '../../../sandbox/host/create-app.ts';
import { answerInstead, formatUser } from '../../../sandbox/nginx/access.ts';

const request = (authorization?: string, path = '/', address = '127.0.0.1') => ({
  path,
  host: 'shop.example.com:8080',
  address,
  authorization,
  isSecure: false,
  length: 0,
});

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

const site = (parts: Readonly<Record<string, string>>) => ({
  app: 'shop',
  names: ['shop.example.com'],
  parts: new Map(Object.entries(parts)),
  certificate: undefined,
  isRedirected: false,
  maxBody: 1024,
  hsts: undefined,
});

const app = emptyApp('shop', 0, []);
setProperty(app, 'http-auth', 'htpasswd', formatUser('team', 'secret'));

const status = (parts: Readonly<Record<string, string>>, ...words: Parameters<typeof request>) =>
  answerInstead(site(parts), app, request(...words))?.status;

describe('nginx answers itself', () => {
  const login = { 'http-auth.conf': 'auth_basic_user_file /home/dokku/shop/htpasswd;\n' };
  const office = { 'http-auth.conf': 'satisfy any;\nallow 10.0.0.0/8;\ndeny all;\n' };

  test('with 503 in maintenance, except for challenges of a certificate authority', () => {
    expect(status({ 'maintenance.conf': '' })).toBe(503);
    expect(status({ 'maintenance.conf': '' }, undefined, '/.well-known/acme-challenge/x')).toBeUndefined();
  });

  test('with 401 unless the login is a known user’s', () => {
    expect([status(login), status(login, basic('team:wrong')), status(login, basic('team:secret'))]).toEqual([
      401,
      401,
      undefined,
    ]);
  });

  test('with 403 unless the address is allowed', () => {
    expect([status(office), status(office, undefined, '/', '10.1.2.3')]).toEqual([403, undefined]);
  });

  test('never for an app without rules', () => {
    expect([status({}), status({ 'http-auth.conf': '\n' })]).toEqual([undefined, undefined]);
  });

  test('with 301 by HTTP if the app has a certificate, before it asks for a login', () => {
    const redirected = { ...site(login), isRedirected: true };
    expect(answerInstead(redirected, app, request(undefined, '/a?b'))).toMatchObject({
      status: 301,
      headers: { location: 'https://shop.example.com:8080/a?b' },
    });
    expect(answerInstead(redirected, app, { ...request(), isSecure: true })?.status).toBe(401);
  });

  test('in maintenance by HTTP too, but only after a login', () => {
    const closed = { ...site({ ...login, 'maintenance.conf': '' }), isRedirected: true };
    expect(answerInstead(closed, app, request())?.status).toBe(401);
    expect(answerInstead(closed, app, request(basic('team:secret')))?.status).toBe(503);
  });

  test('with 413 if the body is larger than client_max_body_size', () => {
    expect(answerInstead(site({}), app, { ...request(), length: 1025 })?.status).toBe(413);
    expect(answerInstead(site({}), app, { ...request(), length: 1024 })).toBeUndefined();
    expect(answerInstead({ ...site({}), maxBody: 0 }, app, { ...request(), length: 2048 })).toBeUndefined();
  });
});
