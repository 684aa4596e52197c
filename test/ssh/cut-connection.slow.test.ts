import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { DeployError } from '../../src/errors.ts';
import { limits } from '../../src/ssh/limits.ts';
import { createSshHost } from '../../src/ssh/ssh-host.ts';
import { anAccess } from '../support/access.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
});

afterAll(() => sandbox[Symbol.asyncDispose]());

/** What happens to the byte that the host sends at a position. */
type Damage = 'cut' | 'flip' | 'stop';

/** A proxy in front of the sandbox that damages what the host sends at a byte of each connection. */
const aProxy = async (damage: Damage, at: number) => {
  const sockets: Socket[] = [];
  let longest = 0;
  const server = createServer((client) => {
    const host = connect(sandbox.port, '127.0.0.1');
    sockets.push(client, host);
    for (const socket of [client, host]) socket.on('error', () => {});
    let sent = 0;
    client.pipe(host);
    client.once('close', () => host.destroy());
    host.once('close', () => client.destroy());
    host.on('data', (chunk: Buffer) => {
      const index = at - sent;
      sent += chunk.length;
      longest = Math.max(longest, sent);
      if (index >= chunk.length) return client.write(chunk);
      if (damage === 'flip') {
        if (index >= 0) chunk[index] = (chunk[index] ?? 0) ^ 0xff;
        return client.write(chunk);
      }
      if (index >= 0) client.write(chunk.subarray(0, index));
      return damage === 'cut' && client.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    longest: () => longest,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

/** Asks a question through a damaged connection. Returns what came of it. */
const askThrough = async (damage: Damage, at: number): Promise<{ outcome: string; length: number }> => {
  using proxy = await aProxy(damage, at);
  const access = await anAccess({ port: proxy.port, key: sandbox.privateKey });
  await using host = createSshHost({
    access,
    warn: () => {},
    limits: Number.isFinite(at)
      ? { ...limits, connectTime: 800, channelTime: 800, questionTime: 800 }
      : limits,
  });
  const outcome = await host.ask({ line: 'version' }).then(
    (answer) => answer.kind,
    (error: unknown) => (error instanceof DeployError ? error.code : String(error)),
  );
  return { outcome, length: proxy.longest() };
};

/** The positions to try: the first bytes, and some in the whole exchange. */
const positions = (length: number): number[] => [
  ...Array.from({ length: 6 }, (_, index) => index),
  ...Array.from({ length: 30 }, (_, index) => 6 + Math.round((index * (length - 6)) / 30)),
];

describe('a connection that is', () => {
  test.each<[string, Damage, string[]]>([
    ['cut at any byte', 'cut', ['answered', 'host-not-reached', 'not-reached']],
    [
      'damaged at any byte',
      'flip',
      ['answered', 'host-not-reached', 'not-reached', 'host-key-changed', 'host-timeout', 'key-refused'],
    ],
    ['silent from any byte on', 'stop', ['answered', 'host-not-reached', 'host-timeout']],
  ])('%s gives an answer or an error that names the connection', async (_, damage, expected) => {
    const { outcome, length } = await askThrough('cut', Number.POSITIVE_INFINITY);
    expect(outcome).toBe('answered');
    const outcomes = new Map<number, string>();
    for (const at of positions(length)) outcomes.set(at, (await askThrough(damage, at)).outcome);
    expect([...outcomes].filter(([, one]) => !expected.includes(one))).toEqual([]);
    expect(new Set(outcomes.values()).size).toBeGreaterThan(1);
  });
});
