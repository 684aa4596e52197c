import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type ProbeOptions, probe } from '../../src/apply/probe.ts';
import { aHttpServer, aRawServer } from '../support/http.ts';

const ask = (url: string, limits: Partial<ProbeOptions> = {}) =>
  probe(url, { connect: 1_000, total: 1_000, stop: new AbortController().signal, ...limits });

describe('a request to an app', () => {
  test('returns the status and follows no redirect', async () => {
    await using server = await aHttpServer(() => ({
      status: 302,
      headers: { location: 'http://192.0.2.1/login' },
    }));
    expect(await ask(server.url)).toMatchObject({
      kind: 'answered',
      status: 302,
      location: 'http://192.0.2.1/login',
    });
    expect(server.received[0]).toMatchObject({ method: 'GET', path: '/' });
  });

  test('reads no body, which may have no end', async () => {
    await using server = await aRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n');
    });
    expect(await ask(server.url)).toEqual({ kind: 'answered', status: 200 });
  });

  test('reaches a name below localhost on loopback, as curl and browsers do', async () => {
    await using server = await aHttpServer();
    const url = server.url.replace('127.0.0.1', 'shop.localhost');
    expect(await ask(url)).toEqual({ kind: 'answered', status: 200 });
    expect(server.received[0]?.headers.host).toBe(new URL(url).host);
  });

  test('is refused where nothing listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual({ kind: 'refused' });
  });

  test('is unreachable at a name that does not exist', async () => {
    expect(await ask('http://no-such-name.invalid')).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining('no-such-name.invalid'),
    });
  });

  test('is unreachable if no answer comes in time', async () => {
    await using server = await aHttpServer(() => 'hang');
    expect(await ask(server.url, { total: 100 })).toEqual({
      kind: 'unreachable',
      reason: 'no answer within 0.1 s',
    });
  });

  test('is unreachable if the connection is cut, or what answers is not HTTP', async () => {
    await using cut = await aRawServer((socket) => void socket.destroy());
    expect(await ask(cut.url)).toMatchObject({ kind: 'unreachable' });
    await using other = await aRawServer((socket) => void socket.end('SSH-2.0-x\r\n'));
    expect(await ask(other.url)).toMatchObject({ kind: 'unreachable' });
  });

  test('is unreachable if its certificate is not trusted', async () => {
    await using server = await aHttpServer();
    expect(await ask(server.url.replace('http:', 'https:'))).toMatchObject({ kind: 'unreachable' });
  });

  test('ends at once when the run is stopped', async () => {
    await using server = await aHttpServer(() => 'hang');
    const stop = new AbortController();
    const asking = ask(server.url, { total: 60_000, stop: stop.signal });
    stop.abort('SIGTERM');
    expect(await asking).toMatchObject({ kind: 'unreachable' });
  });
});
