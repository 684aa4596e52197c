import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { readPrivateKey } from '../../src/access/private-key.ts';
import { type Invocation, runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let parent: string;
let cwd: string;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['redis'] });
});

afterAll(() => sandbox[Symbol.asyncDispose]());

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'init-'));
  cwd = mkdtempSync(join(parent, 'shop-'));
  return () => rmSync(parent, { recursive: true, force: true });
});

const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8');
const run = (words: string, more: Partial<Invocation> = {}) =>
  runProgram({ argv: words.split(' '), cwd, ...more });

describe('dokku-deploy init in a script', () => {
  test('writes both files, which validate accepts, and prints what is left to do', async () => {
    write('Gemfile', "gem 'rails'\ngem 'mysql2'\n");
    const { exit, stdout } = await run('init --yes --host dokku.example.com');
    expect(exit).toBe(0);
    expect(stdout).toContain('Wrote .dokku-deploy.yml\nWrote .gitlab-ci.yml\n');
    expect(stdout).toMatch(/DOKKU_HOST +dokku\.example\.com\n/);
    expect(read('.dokku-deploy.yml')).toContain('services: [mysql]');
    expect((await run('validate')).exit).toBe(0);
  });

  test('overwrites nothing, and shows what to add instead', async () => {
    write('.gitlab-ci.yml', 'test: {script: make}\n');
    write('.dokku-deploy.yml', 'env: {A: b}\n');
    const { exit, stdout } = await run('init --yes --environments live --pipeline jobs');
    expect([exit, read('.gitlab-ci.yml'), read('.dokku-deploy.yml')]).toEqual([
      0,
      'test: {script: make}\n',
      'env: {A: b}\n',
    ]);
    expect(stdout).toContain('.gitlab-ci.yml exists and is left as it is.');
    expect(stdout).toContain('    live:\n      stage: deploy\n');
  });

  test('looks at the host if it may', async () => {
    write('package.json', '{"dependencies": {"pg": "8"}}');
    const { exit, stdout } = await run('init --yes --look', { env: sandbox.env });
    expect([exit, stdout]).toEqual([0, expect.stringContaining('The host lacks the plugin postgres.')]);
  });

  test('makes a key: the private half is in a new file outside the project only', async () => {
    const file = join(parent, 'key');
    const { exit, stdout, stderr } = await run(`init --yes --key-file ${file}`);
    const text = readFileSync(file, 'utf8');
    const { key } = (await readPrivateKey({ text, passphrase: undefined, variable: 'x' })) as {
      key: unknown;
    };
    expect([exit, statSync(file).mode & 0o777, key]).toEqual([0, 0o600, expect.anything()]);
    expect(stdout).toMatch(/echo 'ssh-ed25519 \S+ gitlab-ci-\S+' \| ssh root@/);
    const [, secret = ''] = /\n(.{40})/.exec(text) ?? [];
    expect(stdout + stderr).not.toContain(secret);
  });

  test('makes no key in the repository above the folder, nor in one behind a link', async () => {
    mkdirSync(join(parent, 'other', '.git'), { recursive: true });
    symlinkSync(join(parent, 'other'), join(parent, 'link'));
    for (const file of [join(parent, 'other', 'key'), join(parent, 'link', 'key')]) {
      const { exit, stderr } = await run(`init --yes --key-file ${file}`);
      expect([exit, stderr]).toEqual([2, expect.stringContaining('is in a git repository')]);
      expect(existsSync(file)).toBe(false);
    }
  });

  test.each([
    ['init', 'init asks questions, and there is no terminal.'],
    ['init --yes --host https://x', '--host: "https://x" is a URL, but not an ssh:// one.'],
    ['init --yes --services postgres,Foo', '--services: "Foo" is not a service plugin'],
    ['init --yes --environments a,b:c', '--environments: "b:c" is not the name of an environment'],
    [
      'init --yes --environments staging,stop_review',
      '--environments: "stop_review" would be the name of a job',
    ],
    ['init --yes --image a}b', '--image: "a}b" has characters'],
    ['init --yes --pipeline docker', 'Allowed choices are component, jobs, none'],
    ['init --yes --key-file key', 'key is in the project, where the private key could be committed.'],
    ['init --yes --look', 'DOKKU_HOST'],
  ])('%s is refused, and nothing is written', async (words, message) => {
    const { exit, stderr } = await run(words);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(['.dokku-deploy.yml', '.gitlab-ci.yml', 'key'].some((name) => existsSync(join(cwd, name)))).toBe(
      false,
    );
  });
});

describe('dokku-deploy init in a terminal', () => {
  test('asks, and shows the private half of a key once', async () => {
    write('Gemfile', "gem 'pg'\n");
    write('index.html', 'hello');
    const { exit, stdout } = await run('init', {
      typed: [
        ['Address of the Dokku host', 'dokku.example.com\r'],
        ['Services of each app', '\r'],
        ['A review app', 'n\r'],
        ['Environments', '\r'],
        ['What to write', '\u001b[B\r'],
        ['Image', '\r'],
        ['route-map', 'y\r'],
        ['Make a deploy key', '\u001b[B\r'],
      ],
    });
    expect(exit).toBe(0);
    expect(read('.dokku-deploy.yml')).toContain('services: [postgres]');
    expect(read('.gitlab-ci.yml')).toMatch(/^stages:[\s\S]*\nstaging:\n/);
    expect(read('.gitlab/route-map.yml')).toContain('source: /^(.*)index');
    expect(stdout.match(/BEGIN OPENSSH PRIVATE KEY/g)).toHaveLength(1);
    expect(stdout).toContain('the private half above, which is stored nowhere else');
  });

  test('that is left with Ctrl-C writes nothing', async () => {
    const { exit, stderr } = await run('init', { typed: [['Address', '\u0003']] });
    expect([exit, stderr]).toEqual([130, expect.stringContaining('Nothing was written.')]);
    expect(existsSync(join(cwd, '.gitlab-ci.yml'))).toBe(false);
  });

  test('shows no private key in a job, whose log is kept', async () => {
    const { exit, stderr } = await run('init', {
      env: { CI: 'true' },
      typed: [
        ['Address', '\r'],
        ['Services', '\r'],
        ['A review app', '\r'],
        ['Environments', '\r'],
        ['What to write', '\r'],
        ['Project of', '\r'],
        ['Image', '\r'],
        ['Make a deploy key', '\u001b[B\r'],
      ],
    });
    expect([exit, stderr]).toEqual([2, expect.stringContaining('A private key is shown in a terminal only')]);
    expect(existsSync(join(cwd, '.gitlab-ci.yml'))).toBe(false);
  });
});
