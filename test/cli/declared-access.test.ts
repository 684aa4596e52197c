import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCertificate } from '../support/certificates.ts';
import { fetchSecurePage } from '../support/secure-page.ts';
import { aShop, type Shop } from '../support/shop.ts';

const yml = `
environments:
  staging:
    tls: {certificate: $TLS_CERT, key: $TLS_KEY}
    basic_auth: {user: team, password: $REVIEW_PASSWORD}
`;
const { certificate, key } = aCertificate(['shop-staging.localhost']);
const env = {
  TLS_CERT: certificate,
  TLS_KEY: Buffer.from(key).toString('base64'),
  REVIEW_PASSWORD: 'correct horse',
};

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
  shop.repository.commit({ '.dokku-deploy.yml': yml, 'index.html': 'the page' });
});

afterAll(() => shop[Symbol.asyncDispose]());

const ask = (login?: string) =>
  fetchSecurePage(`https://shop-staging.localhost:${shop.sandbox.webPort}/`, {
    ca: certificate,
    ...(login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
  });

describe('an environment with a certificate and a login', () => {
  test('is served by HTTPS and asks for the password, which the deploy checks with a request', async () => {
    const { exit, stderr } = await shop.run('deploy staging', env);
    expect([exit, stderr]).toEqual([0, expect.stringContaining('a request without the password gets 401')]);
    expect(stderr).not.toContain('basic_auth could not be checked');
    expect(await ask()).toMatchObject({ status: 401, isTrusted: true });
    expect(await ask('team:correct horse')).toMatchObject({ status: 200, text: 'the page' });
  });

  test('is deployed again without a question about either', async () => {
    shop.sandbox.journal.commands.length = 0;
    expect((await shop.run('deploy staging', env)).exit).toBe(0);
    const lines = shop.sandbox.journal.commands.map(({ line }) => line);
    expect(lines.filter((line) => /^(certs:show|letsencrypt:|http-auth:)/.test(line))).toEqual([]);
  });

  test('shows neither the password nor the key in the log', async () => {
    const { stderr, stdout } = await shop.run('deploy staging --dry-run', {
      ...env,
      REVIEW_PASSWORD: 'rotated pass',
    });
    expect(stderr + stdout).not.toMatch(/rotated pass|BEGIN PRIVATE KEY/);
  });
});
