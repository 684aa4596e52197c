import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { Access } from '../../src/access/access-types.ts';
import type { DeployError } from '../../src/errors.ts';
import { openConnection } from '../../src/ssh/connection.ts';
import { computeFingerprint } from '../../src/ssh/host-key.ts';
import { limits } from '../../src/ssh/limits.ts';
import { anAccess, anRsaKey } from '../support/access.ts';
import { aHostKey } from '../support/host-key.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ services: [], hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
});
afterAll(() => sandbox[Symbol.asyncDispose]());

interface ConnectionAttempt {
  readonly host?: string;
  readonly port?: number;
  readonly key?: string;
  readonly knownHosts?: string;
  readonly checking?: 'pinned' | 'accept-new';
  readonly connectTime?: number;
  readonly gate?: Access['gate'];
}

/** Connects and disconnects. Returns the error, the warnings, and the fingerprint of the key. */
const connect = async (attempt: ConnectionAttempt = {}) => {
  const access = await anAccess({
    host: attempt.host,
    port: attempt.port ?? sandbox.port,
    key: attempt.key ?? sandbox.privateKey,
    knownHosts: attempt.knownHosts ?? sandbox.knownHosts,
    checking: attempt.checking,
  });
  const warnings: string[] = [];
  const opening = openConnection({
    access: { ...access, gate: attempt.gate },
    warn: (text) => warnings.push(text),
    limits: { ...limits, connectTime: attempt.connectTime ?? limits.connectTime },
  });
  const error = await opening.then(
    (connection) => connection.end(),
    (reason: DeployError) => reason,
  );
  return { error, warnings, fingerprint: access.privateKey.fingerprint };
};

/** A TCP server that calls `work` for each connection. */
const aServer = async (work: (socket: Socket) => void): Promise<AsyncDisposable & { port: number }> => {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    work(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

describe('the error for a host that cannot be reached names the cause', () => {
  test('if nothing listens on the port', async () => {
    const closed = await aServer(() => {});
    await closed[Symbol.asyncDispose]();
    const { error } = await connect({ port: closed.port });
    expect([error?.code, error?.message]).toEqual([
      'host-not-reached',
      `[127.0.0.1]:${closed.port} could not be reached: connect ECONNREFUSED 127.0.0.1:${closed.port}`,
    ]);
    expect(error?.remedy).toContain('Check the port in DOKKU_HOST');
    const atGate = await connect({ port: closed.port, gate: { socket: undefined, token: undefined } });
    expect(atGate.error?.remedy).toContain('Check the port in DOKKU_GATE');
  });

  test('if the name does not exist', async () => {
    const { error } = await connect({ host: 'dokku.invalid', port: 22 });
    expect(error?.code).toBe('host-not-reached');
    expect(error?.message).toMatch(/^dokku\.invalid could not be reached: getaddrinfo /);
  });

  test('if it accepts the connection and sends nothing', async () => {
    await using silent = await aServer(() => {});
    const { error } = await connect({ port: silent.port, connectTime: 200 });
    expect([error?.code, error?.message]).toEqual([
      'host-not-reached',
      `[127.0.0.1]:${silent.port} did not answer within 0.2 s.`,
    ]);
  });

  test.each([
    ['if it closes the connection at once', (socket: Socket) => void socket.destroy()],
    ['if it is a web server', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s', async (_, work) => {
    await using server = await aServer(work);
    const { error } = await connect({ port: server.port, connectTime: 2_000 });
    expect(error?.code).toBe('host-not-reached');
    expect(error?.message).toContain(`[127.0.0.1]:${server.port} could not be reached: `);
  });
});

/** The fingerprint of the sandbox's host key of a type. */
const fingerprintOf = (type: string): string => {
  const line = sandbox.knownHosts.split('\n').find((one) => one.includes(` ${type} `)) ?? '';
  return computeFingerprint(Buffer.from(line.split(' ')[2] ?? '', 'base64'));
};

describe('the login', () => {
  test('with a key that the host does not accept fails with the fingerprint of the key and a remedy', async () => {
    const key = anRsaKey();
    const { error, fingerprint } = await connect({ key });
    expect([error?.code, error?.message]).toEqual([
      'key-refused',
      `dokku@[127.0.0.1]:${sandbox.port} does not accept SSH_PRIVATE_KEY (ssh-rsa ${fingerprint}).`,
    ]);
    expect(error?.remedy).toContain('dokku ssh-keys:add');
    const shown = JSON.stringify([error?.message, error?.remedy, error?.said]);
    for (const line of key.trim().split('\n').slice(1, -1)) expect(shown).not.toContain(line);
  });

  test('is not attempted on a host whose key is not pinned', async () => {
    const { error } = await connect({ knownHosts: '' });
    expect(error?.code).toBe('host-key-unknown');
    expect(sandbox.knownHosts).toContain(error?.said[0]);
  });

  test.each(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'])(
    'happens if only the fingerprint of the %s key of the host is pinned',
    async (type) => {
      const { error, warnings } = await connect({ knownHosts: fingerprintOf(type) });
      expect([error, warnings]).toEqual([undefined, []]);
    },
  );

  test('is not attempted on a host that has no key with a pinned fingerprint, and all its keys are named', async () => {
    const { error } = await connect({ knownHosts: `SHA256:${'A'.repeat(43)}` });
    const received = error?.said.filter((line) => line.startsWith('received: '));
    expect(received).toEqual(
      ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'].map(
        (type) => `received: ${type} ${fingerprintOf(type)}`,
      ),
    );
  });

  test('is not attempted on a host whose key has changed', async () => {
    const other = `SHA256:${'A'.repeat(43)}`;
    const { error } = await connect({ knownHosts: other });
    expect([error?.code, error?.said[0]]).toEqual(['host-key-changed', `expected: ${other}`]);
  });

  test('is not attempted on a host that has no key of the pinned type', async () => {
    const type = 'ecdsa-sha2-nistp521';
    const blob = aHostKey(type, 'a').toString('base64');
    const { error } = await connect({ knownHosts: `[127.0.0.1]:${sandbox.port} ${type} ${blob}` });
    expect(error?.code).toBe('host-key-changed');
    expect(error?.message).toContain('has no host key of a type that SSH_KNOWN_HOSTS pins for it');
  });

  test('is attempted with accept-new on an unknown host, with a warning, but not on one whose key has changed', async () => {
    const { error, warnings } = await connect({ knownHosts: '', checking: 'accept-new' });
    expect(error).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('is not pinned; accepted')]);
    const changed = await connect({ knownHosts: `SHA256:${'A'.repeat(43)}`, checking: 'accept-new' });
    expect([changed.error?.code, changed.warnings]).toEqual(['host-key-changed', []]);
  });
});
