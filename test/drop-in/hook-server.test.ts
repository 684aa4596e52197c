import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HookServer, startHookServer } from '../../src/drop-in/hook-server.ts';
import { runHookSsh } from '../../src/drop-in/hook-ssh.ts';
import { openingHost } from '../support/git-host.ts';
import { collect } from '../support/world.ts';

let server: HookServer;
const address = { user: 'dokku', host: 'dokku.example.com', port: 2222 };

beforeEach(async () => {
  const host = openingHost((line) => ({ words: ['sh', '-c', line], cwd: '/' }));
  server = await startHookServer({ host, address, program: ['/opt/it is/dokku-deploy'] });
});

afterEach(() => server[Symbol.asyncDispose]());

/** Runs `ssh` as a hook does. */
const ssh = async (args: readonly string[], input = '') => {
  const [stdout, stderr] = [collect(), collect()];
  const exit = await runHookSsh({
    argv: ['ssh-of-a-hook', join(server.folder, 'host.sock'), ...args],
    program: [],
    env: {},
    cwd: '/',
    stdin: new PassThrough().end(input),
    stdout,
    stderr,
    now: Date.now,
    stop: new AbortController().signal,
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
};

const remote = 'ssh://dokku@dokku.example.com:2222';

describe('ssh in a hook', () => {
  test('passes on the input, both outputs and the exit code', async () => {
    const { exit, stdout, stderr } = await ssh([remote, '--', 'cat; echo out; echo err >&2; exit 7'], 'in\n');
    expect([exit, stdout, stderr]).toEqual([7, 'in\nout\n', 'err\n']);
  });

  test('has the exit code of a command that ends before it has read its input', async () => {
    const runs = Array.from({ length: 20 }, () => ssh([remote, 'exit 3'], 'x'.repeat(200_000)));
    expect((await Promise.all(runs)).map(({ exit }) => exit)).toEqual(Array(20).fill(3));
  });

  test('passes on much output unchanged', async () => {
    const { exit, stdout } = await ssh([remote, 'seq 1 200000']);
    expect([exit, stdout.length, stdout.endsWith('\n200000\n')]).toEqual([0, 1_288_895, true]);
  });

  test.each([
    [['ssh://dokku@other.example.com', 'version'], 'reaches only the host of the job'],
    [['ssh://dokku@dokku.example.com:22', 'version'], 'reaches only the host of the job'],
    [[remote], 'has no terminal'],
    [[], 'no host is named'],
    [['-L', '8080:localhost:80', remote, 'version'], '-L is not supported'],
    [['-W', 'localhost:80', remote], '-W is not supported'],
  ])('refuses %j', async (args, reason) => {
    const { exit, stderr } = await ssh(args);
    expect([exit, stderr]).toEqual([255, expect.stringContaining(reason)]);
  });

  test('fails without the job’s process', async () => {
    await server[Symbol.asyncDispose]();
    const { exit, stderr } = await ssh([remote, 'version']);
    expect([exit, stderr]).toEqual([255, expect.stringContaining('cannot be reached')]);
  });
});

test('only the job’s own user can use it, and its program is quoted', () => {
  const modes = ['', 'ssh', 'host.sock'].map((name) => statSync(join(server.folder, name)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700, 0o600]);
  expect(readFileSync(join(server.folder, 'ssh'), 'utf8')).toContain(
    `exec '/opt/it is/dokku-deploy' 'ssh-of-a-hook' '${server.folder}/host.sock' "$@"`,
  );
});
