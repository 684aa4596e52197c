import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { readPrivateKey } from '../../src/access/private-key.ts';
import type { AuditEntry } from '../../src/gate/audit.ts';
import { startGate } from '../../src/gate/gate.ts';
import { sessionLimits } from '../../src/gate/session-limits.ts';
import { anIdentity, aPolicy } from '../support/gate.ts';
import { aFolder } from '../support/repository.ts';
import { aClientKey } from '../support/running-gate.ts';

let sandbox: Sandbox;
let folder: ReturnType<typeof aFolder>;
let gate: Awaited<ReturnType<typeof startGate>>;
let client: ssh2.Client;
const audit: Omit<AuditEntry, 'time'>[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  folder = aFolder();
  const { DOKKU_HOST: address, SSH_PRIVATE_KEY, SSH_KNOWN_HOSTS } = sandbox.env;
  const [key, known_hosts] = ['key', 'known_hosts'].map((name) => join(folder.folder, name)) as [
    string,
    string,
  ];
  writeFileSync(key, SSH_PRIVATE_KEY, { mode: 0o600 });
  writeFileSync(known_hosts, SSH_KNOWN_HOSTS);
  const policy = { ...aPolicy(), host: { address, key, known_hosts, connections: 1 } };
  const pem = aClientKey();
  const parsed = ssh2.utils.parseKey(pem);
  const hostKey = await readPrivateKey({ text: aClientKey(), passphrase: undefined, variable: 'x' });
  if (Array.isArray(parsed) || parsed instanceof Error || 'problem' in hostKey) throw new Error('no key');
  const socket = join(folder.folder, 's');
  gate = await startGate({
    policy: () => policy,
    rule: { kind: 'key', key: parsed, identity: anIdentity() },
    address: { path: socket },
    hostKey: hostKey.key,
    audit: (entry) => void audit.push(entry),
    now: Date.now,
    limits: { ...sessionLimits, inputTime: 200, inputSilence: 200 },
    onBug: (error) => {
      throw error;
    },
  });
  client = new ssh2.Client();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  client.once('ready', resolve);
  client.connect({ sock: connect(socket), username: 'dokku', privateKey: pem });
  await ready;
});
afterAll(async () => {
  client.destroy();
  await gate.drain(0);
  await sandbox[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Sends a command, then a byte now and then, without an end. Resolves with what the gate answers. */
const sendSlowly = (line: string) =>
  new Promise<string>((resolve, reject) => {
    client.exec(line, (error, channel) => {
      if (error) return reject(error);
      let text = '';
      // A line of git's protocol that has 4,000 bytes.
      channel.write('0fa0');
      const timer = setInterval(() => channel.write('x'), 20);
      channel.on('error', () => {});
      channel.resume();
      channel.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      channel.once('close', () => {
        clearInterval(timer);
        resolve(text);
      });
    });
  });

describe('a job that sends a byte now and then', () => {
  test('does not keep a place at the host: its push is ended, and the place is free for the next', async () => {
    const pushes = Array.from({ length: 8 }, () => sendSlowly("git-receive-pack 'my-branch'"));
    for (const text of await Promise.all(pushes))
      expect(text).toContain('dokku-deploy gate: no progress for');
    expect(audit.filter(({ event }) => event === 'failed')).toHaveLength(8);
  });

  test('does not even get a place with a command whose input is small', async () => {
    const before = sandbox.journal.commands.length;
    const text = await sendSlowly('--quiet config:import --format json --no-restart my-branch -');
    expect(text).toContain('dokku-deploy gate: the input did not end within');
    expect(sandbox.journal.commands.slice(before)).toEqual([]);
  });
});
