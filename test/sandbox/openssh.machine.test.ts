import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import type { Client } from 'ssh2';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { startProgram } from '../support/child.ts';
import { fetchPage } from '../support/page.ts';
import { aClone, aRepository, type TestRepository } from '../support/repository.ts';
import { connectTo, runOver } from '../support/ssh.ts';

interface Key {
  readonly name: string;
  readonly passphrase: string | null;
  readonly private: string;
  readonly public: string;
}

const recorded = JSON.parse(readFileSync(new URL('../recorded/keys.json', import.meta.url), 'utf8')) as {
  keys: Key[];
};
const keys = recorded.keys.filter(({ name }) => ['Ed25519', 'RSA', 'ECDSA 256'].includes(name));

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox({
    services: [],
    hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'],
    authorizedKeys: keys.map((key) => key.public),
  });
  folder = mkdtempSync(join(tmpdir(), 'openssh-'));
  writeFileSync(join(folder, 'known_hosts'), sandbox.knownHosts);
  for (const key of keys) writeFileSync(join(folder, key.name), key.private, { mode: 0o600 });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox[Symbol.asyncDispose]();
});

const options = (key: string, ...more: string[]): string[] => [
  ...['-F', '/dev/null', '-i', join(folder, key), '-p', String(sandbox.port)],
  ...[
    '-o',
    `UserKnownHostsFile=${join(folder, 'known_hosts')}`,
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentitiesOnly=yes',
    ...more,
  ],
];

const ssh = (key: string, line: string, ...more: string[]) =>
  startProgram(['ssh', ...options(key, ...more), '--', 'dokku@127.0.0.1', line], { cwd: folder, env: {} })
    .result;

const quote = (word: string): string => `'${word}'`;

const push = (repository: TestRepository, app: string, refspec: string, key = 'Ed25519') => {
  const command = ['ssh', ...options(key)].map(quote).join(' ');
  const url = `ssh://dokku@127.0.0.1:${sandbox.port}/${app}`;
  return startProgram(['git', 'push', url, refspec], {
    cwd: repository.folder,
    env: { GIT_SSH_COMMAND: command },
  }).result;
};

describe('a real OpenSSH client', () => {
  test.each(keys.map(({ name }) => [name]))(
    'logs in with a key of type %s and gets an answer',
    async (name) => {
      expect(await ssh(name, 'version')).toMatchObject({ exit: 0, output: 'dokku version 0.38.27\n' });
    },
  );

  test('gets the exit code of a refused command', async () => {
    expect(await ssh('Ed25519', 'apps:exists nothing')).toMatchObject({ exit: 20 });
  });

  test('is refused with a password, as another user, and for a tunnel', async () => {
    const password = await ssh('Ed25519', 'version', '-o', 'PreferredAuthentications=password');
    const other = await startProgram(['ssh', ...options('Ed25519'), 'root@127.0.0.1', 'version'], {
      cwd: folder,
      env: {},
    }).result;
    const tunnel = await ssh(
      'Ed25519',
      'version',
      '-o',
      'ExitOnForwardFailure=yes',
      '-R',
      '13999:127.0.0.1:80',
    );
    expect([password.exit, other.exit, tunnel.exit]).toEqual([255, 255, 255]);
  });
});

describe('a real git push', () => {
  test.each(keys.map(({ name }) => [name]))('deploys with a key of type %s', async (name) => {
    using repository = aRepository();
    repository.commit({ 'index.html': `pushed with ${name}` });
    const app = `push-${name.toLowerCase().replaceAll(' ', '')}`;
    const { exit, output } = await push(repository, app, 'HEAD:refs/heads/master', name);
    expect([exit, output.includes('remote: =====> Application deployed:')]).toEqual([0, true]);
    expect(await fetchPage(`http://${app}.localhost:${sandbox.webPort}/`)).toBe(`pushed with ${name}`);
  });

  test('of the same commit is up to date', async () => {
    using repository = aRepository();
    repository.commit({ 'index.html': 'x' });
    await push(repository, 'same', 'HEAD:refs/heads/master');
    expect((await push(repository, 'same', 'HEAD:refs/heads/master')).output).toBe('Everything up-to-date\n');
  });

  test('from a shallow clone deploys and is rejected afterwards', async () => {
    using origin = aRepository();
    origin.commit({ 'index.html': 'one' });
    origin.commit({ 'index.html': 'two' });
    using clone = aClone(origin, 1);
    const { exit, output } = await push(clone, 'shallow', 'HEAD:refs/heads/master');
    expect(exit).toBe(1);
    expect(output).toMatch(/Application deployed:[\s\S]*shallow update not allowed/);
    expect(sandbox.state.apps.get('shallow')?.deployed).toBe(true);
  });

  test('to a branch other than master makes it the deploy branch, and master is ignored from then on', async () => {
    using repository = aRepository();
    repository.commit({ 'index.html': 'x' });
    const first = await push(repository, 'branches', 'HEAD:refs/heads/feature');
    expect(first.output).toContain('Set feature as deploy-branch');
    const second = await push(repository, 'branches', 'HEAD:refs/heads/master');
    expect([
      second.exit,
      second.output.includes('WARNING: deploy did not complete, you must push to feature.'),
    ]).toEqual([0, true]);
  });

  test('during another deploy is refused at once, and a failed build leaves no ref', async () => {
    using repository = aRepository();
    repository.commit({
      'index.html': 'x',
      'app.json': '{"scripts":{"dokku":{"predeploy":"sleep 3; exit 1"}}}',
    });
    const first = push(repository, 'locked', 'HEAD:refs/heads/master');
    while (!sandbox.state.apps.get('locked')?.deployController)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await push(repository, 'locked', 'HEAD:refs/heads/master');
    expect([
      second.exit,
      second.output.includes('locked currently has a deploy lock in place. Exiting...'),
    ]).toEqual([1, true]);
    const { exit, output } = await first;
    expect([exit, output.includes('pre-receive hook declined')]).toEqual([1, true]);
    expect(repository.git('-C', join(sandbox.folder, 'apps', 'locked.git'), 'for-each-ref')).toBe('');
  });

  test('creates a missing app, unless auto-creation is off', async () => {
    using repository = aRepository();
    repository.commit({ 'index.html': 'x' });
    await ssh('Ed25519', 'apps:set --global disable-autocreation true');
    const refused = await push(repository, 'uncreated', 'HEAD:refs/heads/master');
    await ssh('Ed25519', 'apps:set --global disable-autocreation false');
    expect([
      refused.exit,
      refused.output.includes('App auto-creation disabled.'),
      sandbox.state.apps.has('uncreated'),
    ]).toEqual([128, true, false]);
  });
});

describe('nothing outside the folder of the sandbox is reached', () => {
  test.each([
    ["git-receive-pack '../evil'"],
    ["git-upload-pack '/../etc'"],
    ["git-receive-pack 'a/../../evil'"],
    ['apps:create ../evil'],
    ['apps:create /etc/evil'],
    ['../../bin/sh -c id'],
  ])('by %s', async (line) => {
    const { exit } = await ssh('Ed25519', line);
    expect(exit).not.toBe(0);
    expect([...sandbox.state.apps.keys()].filter((name) => /evil|etc|bin/.test(name))).toEqual([]);
  });

  const archived = async (entries: readonly string[]): Promise<Buffer> => {
    const made = pack();
    for (const name of entries) made.entry({ name }, 'x');
    made.finalize();
    return buffer(made);
  };

  test.each([
    ['an entry in a parent folder', ['index.html', '../../../evil.txt']],
    ['an entry at the root', ['/tmp/evil-archive.txt']],
  ])('by an archive with %s', async (_, entries) => {
    await ssh('Ed25519', 'apps:create archived');
    const child = execa(
      'ssh',
      [...options('Ed25519'), '--', 'dokku@127.0.0.1', 'git:from-archive archived --'],
      {
        input: await archived(entries),
        reject: false,
      },
    );
    const { exitCode, stdout } = await child;
    expect([exitCode, stdout.includes('Archive contains entries with')]).toEqual([1, true]);
    expect(existsSync('/tmp/evil-archive.txt')).toBe(false);
  });

  test.each([
    ['git:from-archive archived file:///etc/passwd', 1],
    ['git:sync archived file:///etc', 128],
    ['git:sync archived /etc', 128],
    ['storage:ensure-directory ../../evil', 1],
    ['certs:add archived /etc/passwd /etc/passwd', 1],
    ['apps:clone archived ../evil', 1],
    ['apps:rename archived /etc/evil', 1],
  ])('by %s', async (line, exit) => {
    await ssh('Ed25519', 'apps:create archived');
    expect((await ssh('Ed25519', line)).exit).toBe(exit);
  });

  test('by a ref that leads out of the repository', async () => {
    using repository = aRepository();
    repository.commit({ 'index.html': 'x' });
    const refused = await push(repository, 'refs', 'HEAD:refs/heads/../../../../evil');
    expect([refused.exit === 0, existsSync(join(sandbox.folder, '..', 'evil'))]).toEqual([false, false]);
  });

  /** Sends an exec request that no ssh program sends. Returns the exit code. */
  const sendRaw = async (line: string): Promise<number> => {
    const client = await connectTo(sandbox);
    const { exit } = await runOver(client, line);
    client.end();
    return exit;
  };

  test.each([
    ['a megabyte', `apps:create ${'a'.repeat(1_000_000)}_`],
    ['a NUL', 'apps:create nul\0/../evil'],
    ['only NULs', '\0\0\0'],
  ])('by a command with %s, and the host continues to answer', async (_, line) => {
    expect(await sendRaw(line)).not.toBe(0);
    expect((await ssh('Ed25519', 'version')).exit).toBe(0);
  });

  test('by a link in the pushed files', async () => {
    using repository = aRepository();
    repository.commit({ 'index.html': 'x' });
    repository.git('config', 'core.symlinks', 'true');
    const { symlinkSync } = await import('node:fs');
    symlinkSync('/etc/hostname', join(repository.folder, 'link.txt'));
    repository.commit({});
    await push(repository, 'links', 'HEAD:refs/heads/master');
    expect(await fetchPage(`http://links.localhost:${sandbox.webPort}/link.txt`)).toBe('not found\n');
    expect(await fetchPage(`http://links.localhost:${sandbox.webPort}/..%2f..%2f..%2fetc/hostname`)).toBe(
      'not found\n',
    );
  });
});

test('fifty clients at once get only correct answers about two hundred apps', async () => {
  const key = keys[0]?.private ?? '';
  const before = process.memoryUsage().rss;
  const since = Date.now();
  const clients = await Promise.all(Array.from({ length: 50 }, () => connectTo(sandbox, key)));
  const send = async (client: number, line: string): Promise<string> =>
    (await runOver(clients[client % 50] as Client, line)).stdout;
  const names = Array.from({ length: 200 }, (_, index) => `many-${index}`);
  await Promise.all(names.map((name, index) => send(index, `apps:create ${name}`)));
  const answers = await Promise.all(
    names.map(async (name, index) => {
      await send(index * 7, `config:set --no-restart ${name} NAME=${name}`);
      return send(index * 7, `config:get ${name} NAME`);
    }),
  );
  for (const client of clients) client.end();
  expect(answers).toEqual(names.map((name) => `${name}\n`));
  const memory = Math.round((process.memoryUsage().rss - before) / 1e6);
  process.stdout.write(`50 clients, 200 apps, 600 commands: ${Date.now() - since} ms, ${memory} MB more\n`);
});
