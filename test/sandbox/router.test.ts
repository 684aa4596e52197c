import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueCertificate } from '../../sandbox/authority/issue-certificate.ts';
import { packTar } from '../../src/dokku/tar.ts';
import { fetchSecurePage } from '../support/secure-page.ts';
import { aShop, type Shop } from '../support/shop.ts';
import { connectTo, runOver } from '../support/ssh.ts';

let shop: Shop;
let dokku: (line: string, input?: Uint8Array) => Promise<unknown>;

beforeAll(async () => {
  shop = await aShop({ authority: true });
  const client = await connectTo(shop.sandbox);
  dokku = async (line, input) => {
    const answer = await runOver(client, line, input);
    if (answer.exit !== 0) throw new Error(answer.stderr);
    return answer;
  };
  await shop.deploy('one', 'the first');
  await shop.deploy('two', 'the second');
  await dokku('domains:set shop-one one.test www.one.test');
  await dokku('domains:set shop-two two.test');
});

afterAll(() => shop[Symbol.asyncDispose]());

const certificateFor = (name: string) => {
  const now = Date.now();
  const { certificate, key } = issueCertificate({
    subject: name,
    names: [name],
    from: new Date(now - 60_000),
    until: new Date(now + 3_600_000),
  });
  return packTar({ 'server.crt': certificate, 'server.key': key });
};

const ask = (name: string, options: Parameters<typeof fetchSecurePage>[1] = {}) =>
  fetchSecurePage(`https://${name}:${shop.sandbox.webPort}/`, options);

describe('the web server', () => {
  test('serves each app with its own certificate, on one port with HTTP', async () => {
    await dokku('certs:add shop-one', certificateFor('one.test'));
    await dokku('certs:add shop-two', certificateFor('two.test'));
    expect(await ask('one.test')).toMatchObject({ status: 200, text: 'the first', certificate: 'one.test' });
    expect(await ask('two.test')).toMatchObject({ status: 200, text: 'the second', certificate: 'two.test' });
    expect(await shop.page('nowhere')).toContain('no app is served under');
  });

  test('sends HSTS by HTTPS', async () => {
    const { headers } = await ask('one.test');
    expect(headers['strict-transport-security']).toBe('max-age=15724800; includeSubdomains');
  });

  test('refuses the handshake for a name without a certificate', async () => {
    await dokku('certs:remove shop-two');
    await expect(ask('two.test')).rejects.toThrow();
  });

  test('asks for a password by HTTPS, too', async () => {
    await dokku('http-auth:enable shop-one team secret');
    await dokku('http-auth:disable shop-one');
    await dokku('http-auth:enable shop-one');
    const authorization = `Basic ${Buffer.from('team:secret').toString('base64')}`;
    expect((await ask('one.test')).status).toBe(401);
    expect((await ask('one.test', { authorization })).status).toBe(200);
  });

  test('serves a certificate that letsencrypt got for all domains', async () => {
    await dokku('http-auth:disable shop-one');
    await dokku('letsencrypt:set shop-one email ops@one.test');
    await dokku('letsencrypt:enable shop-one');
    const ca = shop.sandbox.state.authority?.certificate ?? '';
    expect(await ask('www.one.test', { ca })).toMatchObject({ text: 'the first', isTrusted: true });
  });
});
