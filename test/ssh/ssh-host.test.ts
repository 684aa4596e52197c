import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { createSshHost } from '../../src/ssh/ssh-host.ts';
import { anAccess } from '../support/access.ts';

interface Key {
  readonly name: string;
  readonly passphrase: string | null;
  readonly private: string;
  readonly public: string;
}

const { keys } = JSON.parse(readFileSync(new URL('../recorded/keys.json', import.meta.url), 'utf8')) as {
  keys: Key[];
};

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({
    services: [],
    authorizedKeys: keys.map((key) => key.public),
    hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'],
  });
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const connect = async (
  login: { key?: string; passphrase?: string | undefined; knownHosts?: string } = {},
) => {
  const access = await anAccess({
    port: sandbox.port,
    key: sandbox.privateKey,
    knownHosts: sandbox.knownHosts,
    ...login,
  });
  return createSshHost({ access, warn: () => {} });
};

describe('a login', () => {
  test.each(keys.map((key) => [key.name, key] as const))('works with the key %s', async (_, key) => {
    const host = await connect({ key: key.private, passphrase: key.passphrase ?? undefined });
    expect(await host.ask({ line: 'version' })).toEqual({
      kind: 'answered',
      stdout: 'dokku version 0.38.27\n',
      stderr: '',
    });
    await host.close();
  });

  test.each(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'])(
    'works if only the %s key of the host is pinned',
    async (type) => {
      const knownHosts = sandbox.knownHosts.split('\n').find((one) => one.includes(type)) ?? '';
      const host = await connect({ knownHosts });
      expect((await host.ask({ line: 'version' })).kind).toBe('answered');
      await host.close();
    },
  );
});

describe('a host', () => {
  test('returns the refusal of a command, with both streams', async () => {
    const host = await connect();
    expect(await host.ask({ line: 'apps:exists nothing' })).toEqual({
      kind: 'refused',
      exit: 20,
      stdout: '',
      stderr: ' !     App nothing does not exist\n',
    });
    await host.close();
  });

  test('carries out forty requests on one connection, although sshd allows ten channels at once', async () => {
    const before = sandbox.journal.connections;
    const host = await connect();
    const asked = Array.from({ length: 40 }, () => host.ask({ line: 'version' }));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['answered']));
    expect([sandbox.journal.connections - before, host.usage()]).toEqual([
      1,
      { connections: 1, commands: 40 },
    ]);
    await host.close();
  });

  test('reports that a command may have run if the connection was lost during it, and connects again', async () => {
    const host = await connect();
    sandbox.faults.inject(/^apps:list/, { kind: 'drop-after' });
    expect(await host.ask({ line: 'apps:list' })).toMatchObject({ kind: 'not-reached', sent: true });
    expect((await host.ask({ line: 'version' })).kind).toBe('answered');
    expect(host.usage().connections).toBe(2);
    await host.close();
  });

  test('throws host-not-reached if it refuses the channel', async () => {
    const host = await connect();
    sandbox.faults.inject(/^apps:list/, { kind: 'refuse' });
    await expect(host.ask({ line: 'apps:list' })).rejects.toMatchObject({ code: 'host-not-reached' });
    await host.close();
  });
});
