import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { ship } from '../../src/source/ship.ts';
import { createSshHost } from '../../src/ssh/ssh-host.ts';
import { anAccess } from '../support/access.ts';
import { aClone, aRepository } from '../support/repository.ts';

let folder: string;
let sshd: ChildProcess;
let port: number;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
};

/** Starts a real sshd for this user, with its own keys. */
const startSshd = async (): Promise<void> => {
  for (const name of ['host', 'login']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'login.pub')}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'UsePAM no',
    // bash reads this user's .bashrc for a command of sshd's, unless it runs inside another shell.
    'SetEnv SHLVL=2',
  ];
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`);
  sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  for await (const line of createInterface({ input: sshd.stderr as NodeJS.ReadableStream })) {
    log.push(line);
    if (line.includes('Server listening')) return;
  }
  throw new Error(`sshd did not start:\n${log.join('\n')}`);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  port = await freePort();
  await startSshd();
});

afterAll(async () => {
  sshd.kill();
  if (sshd.exitCode === null && sshd.signalCode === null) await once(sshd, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

const connect = async () => {
  const [type, blob] = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ');
  return createSshHost({
    access: await anAccess({
      user: userInfo().username,
      port,
      key: readFileSync(join(folder, 'login'), 'utf8'),
      knownHosts: `[127.0.0.1]:${port} ${type} ${blob}`,
    }),
    warn: (message) => {
      throw new Error(message);
    },
  });
};

const sourceIn = (at: string): Source => ({
  folder: at,
  history: 'snapshot',
  include: [],
  commit: undefined,
  committedAt: undefined,
  extra: {},
});

test('OpenSSH’s server and a real git accept megabytes, then only the change, while other commands share the connection', async () => {
  using origin = aRepository();
  origin.commit({ 'big.txt': randomBytes(4_000_000).toString('base64'), 'small.txt': 'one' });
  const bare = join(folder, 'app.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=master', bare]);
  const host = await connect();
  const shipFrom = (at: string) =>
    ship({
      host,
      app: bare,
      branch: 'master',
      source: sourceIn(at),
      childEnv: { PATH: process.env.PATH, HOME: '/nonexistent' },
      onLine: () => {},
    });
  try {
    using first = aClone(origin, 1);
    const commands = Array.from({ length: 20 }, (_, index) =>
      host.ask({ line: `cat; echo ${index}`, stdin: 'x' }),
    );
    const [whole, ...answers] = await Promise.all([shipFrom(first.folder), ...commands]);
    expect(whole).toMatchObject({ kind: 'pushed', accepted: true });
    expect(whole.kind === 'pushed' && whole.bytes).toBeGreaterThan(4_000_000);
    expect(answers).toEqual(
      answers.map((_, index) => ({ kind: 'answered', stdout: `x${index}\n`, stderr: '' })),
    );
    origin.commit({ 'small.txt': 'two' });
    using second = aClone(origin, 20);
    const change = await shipFrom(second.folder);
    expect(change).toMatchObject({ kind: 'pushed', accepted: true });
    expect(change.kind === 'pushed' && change.bytes).toBeLessThan(800);
    expect(await shipFrom(second.folder)).toMatchObject({ kind: 'nothing-new' });
    expect(host.usage()).toEqual({ connections: 1, commands: 23 });
    expect(execFileSync('git', ['-C', bare, 'show', 'master:small.txt'], { encoding: 'utf8' })).toBe('two');
  } finally {
    await host.close();
  }
});
