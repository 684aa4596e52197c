import { describe, expect, test } from 'vitest';
import { post } from '../../src/notify/post.ts';
import { aHttpServer, aRawServer } from '../support/http.ts';

const never = new AbortController().signal;

test('a webhook receives JSON with the given headers', async () => {
  await using server = await aHttpServer(() => ({ status: 204 }));
  const tried = await post(
    { url: `${server.url}/hooks/abc?x=1`, body: '{"a":"é"}', headers: { 'x-more': '1' } },
    never,
  );
  const [request] = server.received;
  expect(tried).toEqual({ kind: 'delivered' });
  expect(request).toMatchObject({
    method: 'POST',
    path: '/hooks/abc?x=1',
    body: '{"a":"é"}',
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-more': '1' },
  });
  expect(request?.headers['user-agent']).toMatch(/^dokku-deploy\/\d/);
});

test('a login in the URL is sent as a header', async () => {
  await using server = await aHttpServer();
  await post({ url: server.url.replace('//', '//zo%C3%A9:p%40ss@'), body: '{}' }, never);
  const basic = `Basic ${Buffer.from('zoé:p@ss').toString('base64')}`;
  expect(server.received[0]?.headers.authorization).toBe(basic);
});

test.each([
  ['that never ends', { 'transfer-encoding': 'chunked' }, 'o'],
  ['that breaks off', { 'content-length': '10' }, 'ok'],
])('a delivery is one although its answer is one %s', async (_, headers, words) => {
  await using server = await aRawServer((socket) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n${words === 'o' ? '1\r\no\r\n' : words}`);
    if (words === 'ok') socket.end();
  });
  expect(await post({ url: server.url, body: '{}' }, AbortSignal.timeout(5_000))).toEqual({
    kind: 'delivered',
  });
});

describe('a failure', () => {
  test.each([
    [404, 'no_service', false, 'it answers with 404: no_service'],
    [400, '', false, 'it answers with 400'],
    [500, '<html>long page</html>', true, 'it answers with 500'],
    [429, 'slow down', true, 'it answers with 429: slow down'],
  ])('of status %i says so, and whether to try again', async (status, body, again, reason) => {
    await using server = await aHttpServer(() => ({ status, body }));
    const tried = await post({ url: server.url, body: '{}' }, never);
    expect(tried).toEqual({ kind: 'failed', reason, retryable: again });
  });

  test('has the delay that the server asks for', async () => {
    await using server = await aHttpServer(() => ({ status: 429, headers: { 'retry-after': '2' } }));
    expect(await post({ url: server.url, body: '{}' }, never)).toMatchObject({
      retryable: true,
      retryAfter: 2_000,
    });
  });

  test('is reported for a redirect: the message is not sent elsewhere', async () => {
    await using other = await aHttpServer();
    await using server = await aHttpServer(() => ({ status: 302, headers: { location: other.url } }));
    const tried = await post({ url: server.url, body: '{}' }, never);
    expect(tried).toMatchObject({ kind: 'failed', reason: 'it answers with 302', retryable: false });
    expect(other.received).toEqual([]);
  });

  test('is reported for an unreachable server with Node’s message, without the path', async () => {
    const tried = await post({ url: 'http://127.0.0.1:9/hooks/secret-part', body: '{}' }, never);
    expect(tried).toMatchObject({ kind: 'failed', retryable: true });
    expect(JSON.stringify(tried)).toMatch(/ECONNREFUSED|bad port/);
    expect(JSON.stringify(tried)).not.toContain('secret-part');
  });

  test('is reported early for an endless response', async () => {
    await using server = await aHttpServer(() => ({ status: 500, body: 'x'.repeat(5_000_000) }));
    const tried = await post({ url: server.url, body: '{}' }, never);
    expect(JSON.stringify(tried).length).toBeLessThan(5_000);
  });
});
