import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { aClone, aRepository } from '../support/repository.ts';

let folder: string;
let binary: string;

const built = new URL('../../dist/dokku-deploy', import.meta.url).pathname;

beforeAll(() => {
  if (!existsSync(built)) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'ignore' });
  folder = mkdtempSync(join(tmpdir(), 'binary-'));
  binary = join(folder, 'copy-of-dokku-deploy');
  copyFileSync(built, binary);
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A PATH with git and the programs a shell needs, without Node. */
const pathWithoutNode = (): string => {
  const path = join(folder, 'bin');
  mkdirSync(path, { recursive: true });
  for (const name of [
    'git',
    'git-receive-pack',
    'sh',
    'basename',
    'cat',
    'env',
    'find',
    'rm',
    'sed',
    'sleep',
    'tar',
    'uname',
  ]) {
    const found = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    if (!lstatSync(join(path, name), { throwIfNoEntry: false })) symlinkSync(found, join(path, name));
  }
  return path;
};

test('a copy of the binary deploys a clone of depth 20 to its own sandbox, without Node', async () => {
  using origin = aRepository();
  for (let number = 0; number < 25; number += 1) origin.commit({ 'index.html': `version ${number}` });
  using clone = aClone(origin, 20);
  const env = { PATH: pathWithoutNode(), CI_COMMIT_REF_NAME: 'binary' };
  const { exit, output } = await startProgram([binary, 'sandbox', '--', 'dokku-deploy', 'review', 'start'], {
    cwd: clone.folder,
    env,
  }).result;
  expect(exit, output).toBe(0);
  expect(output).toMatch(/http:\/\/binary\.localhost:\d+/);
});

test('the binary prints its version, and exits 2 for an unknown command', async () => {
  const run = (...argv: string[]) => startProgram([binary, ...argv], { cwd: folder, env: {} }).result;
  expect([(await run('--version')).output, (await run('sh', '-c', 'true')).exit]).toEqual(['1.0.0\n', 2]);
});

test('the binary prints the same plan as the source', async () => {
  using repository = aRepository();
  repository.commit({ '.dokku-deploy.yml': 'services: [mysql, redis]\nenv: {A: "1"}\n' });
  const words = ['review', 'start', '--dry-run', '--offline', '--format', 'json'];
  const [one, two] = await Promise.all(
    [sourceCommand(...words), [binary, ...words]].map(
      (command) => startProgram(command, { cwd: repository.folder, env: {} }).result,
    ),
  );
  expect(one?.output).toBe(two?.output);
});

test.each([
  { NODE_OPTIONS: '--require HOOK' },
  { NODE_OPTIONS: '--import HOOK' },
  { NODE_OPTIONS: '--require dd-trace/init' },
  { NODE_OPTIONS: '--inspect=127.0.0.1:0' },
  { NODE_OPTIONS: '--no-such-flag' },
  { NODE_DEBUG: 'http,net,tls,child_process,module', NODE_DEBUG_NATIVE: 'CLEAN' },
  { NODE_V8_COVERAGE: 'COVERAGE' },
  { NODE_PENDING_DEPRECATION: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
] as Record<string, string>[])(
  'settings for the project’s own Node have no effect on the binary: %j',
  async (settings) => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a' });
    const hook = join(folder, 'hook.mjs');
    const [hookRan, coverage] = [join(folder, 'hook-ran'), join(folder, 'coverage')];
    writeFileSync(hook, `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(hookRan)}, '');`);
    const env = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        name,
        value.replace('HOOK', hook).replace('COVERAGE', coverage),
      ]),
    );
    const args = ['review', 'start', '--dry-run', '--offline', '--app', 'a', '--format', 'json'];
    const run = (more: Record<string, string>) =>
      startProgram([binary, ...args], { cwd: repository.folder, env: more }).result;
    const [plain, changed] = await Promise.all([run({}), run(env)]);
    expect(changed).toEqual(plain);
    expect([existsSync(hookRan), existsSync(coverage)]).toEqual([false, false]);
  },
);

test('another user deploys a clone that belongs to root, as in the Docker executor', async () => {
  await using sandbox = await startSandbox({ services: [] });
  using repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
  execFileSync('chmod', ['-R', 'a+rX', repository.folder]);
  const isRoot = process.getuid?.() === 0;
  // Only root can switch to another user. Any other user deploys its own clone.
  const asOther = isRoot ? { uid: 1234, gid: 1234 } : {};
  const env = { ...sandbox.env, CI_COMMIT_REF_NAME: 'foreign', HOME: '/' };
  const argv = ['review', 'start', '--dotenv', 'none', '--facts', 'none'];
  const { exit, output } = await startProgram([binary, ...argv], { cwd: repository.folder, env, ...asOther })
    .result;
  expect(exit, output).toBe(0);
});
