import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;
let silent: Server;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mysql'], startTimeout: 1_500 });
  silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  silent.close();
  await sandbox[Symbol.asyncDispose]();
});

beforeEach(() => {
  repository = aRepository('bad');
  repository.commit({ 'index.html': 'hello' });
  return () => repository[Symbol.dispose]();
});

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};

const job = (more: Record<string, string | undefined> = {}) => ({
  ...sandbox.env,
  CI_COMMIT_REF_NAME: 'bad',
  CI_COMMIT_REF_SLUG: 'bad',
  CI_PROJECT_ID: '42',
  CI_PROJECT_PATH: 'group/shop',
  ...more,
});

const start = (env: Record<string, string | undefined>, ...flags: string[]): Promise<ProgramResult> =>
  runProgram({ argv: ['review', 'start', ...flags], cwd: repository.folder, env });

/** What every refusal must have: its exit code, its words, what to do, and no stack. */
const expectRefusal = (ran: ProgramResult, exit: number, ...words: (string | RegExp)[]): void => {
  expect(ran.exit, ran.stderr).toBe(exit);
  for (const word of words) expect(ran.stderr).toMatch(word);
  expect(ran.stderr).toContain('What to do: ');
  expect(ran.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect(ran.stdout).toBe('');
};

const configure = (text: string) => writeFileSync(join(repository.folder, '.dokku-deploy.yml'), text);

describe('variables', () => {
  test('none at all: all that is missing is named at once', async () => {
    expectRefusal(
      await start({}),
      2,
      '3 settings are missing or wrong',
      'DOKKU_HOST',
      'SSH_PRIVATE_KEY',
      'SSH_KNOWN_HOSTS',
    );
  });

  test('of a refused run on a laptop leave no file in the project', async () => {
    const before = readdirSync(repository.folder);
    const ran = await start({});
    expect([ran.exit, readdirSync(repository.folder)]).toEqual([2, before]);
  });

  test('leave a report and the facts of the refusal in a CI job, for later jobs', async () => {
    const ran = await start({ CI: 'true', CI_COMMIT_SHA: 'a'.repeat(40) }, '--format', 'json');
    const left = (name: string): string => readFileSync(join(repository.folder, name), 'utf8');
    expect(left('dokku-deploy.env')).toBe(
      `DOKKU_DEPLOY_COMMIT=${'a'.repeat(40)}\nDOKKU_DEPLOY_EXIT_CODE=2\n`,
    );
    expect(JSON.parse(left('deploy.json'))).toMatchObject({
      exitCode: 2,
      error: { code: 'configuration', message: expect.stringContaining('3 things') },
      used: { connections: 0, commands: 0 },
    });
    expect(JSON.parse(ran.stdout)).toEqual(JSON.parse(left('deploy.json')));
  });

  test('an empty key on an unprotected branch: the protected variable is named as the cause', async () => {
    const ran = await start(job({ SSH_PRIVATE_KEY: '', CI_COMMIT_REF_PROTECTED: 'false' }));
    expectRefusal(
      ran,
      2,
      'it is empty, and this branch is not protected',
      'Take the flag “Protect variable” off SSH_PRIVATE_KEY, or protect the branch',
    );
    const request = { CI_MERGE_REQUEST_IID: '5', CI_COMMIT_REF_PROTECTED: 'false' };
    const inRequest = await start(job({ ...request, SSH_PRIVATE_KEY: '' }));
    expect(inRequest.stderr).toContain('off SSH_PRIVATE_KEY; also check');
  });

  test('a public key', async () => {
    expectRefusal(
      await start(job({ SSH_PRIVATE_KEY: 'ssh-ed25519 AAAAC3NzaC1lZDI1 me' })),
      2,
      'the public half of a key pair',
    );
  });

  test('a wrong passphrase', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const locked = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'right',
    });
    const ran = await start(job({ SSH_PRIVATE_KEY: String(locked), SSH_PASSPHRASE: 'wrong' }));
    expectRefusal(ran, 2, 'SSH_PASSPHRASE does not open SSH_PRIVATE_KEY');
  });

  test.each([
    ['http://dokku.example.com', 'a URL of another kind'],
    ['dokku.example.com/apps', 'a path behind the host'],
    ['dokku example', 'has a blank in it'],
    ['host:99999', 'the port 99999'],
  ])('the host %j', async (host, words) => {
    expectRefusal(await start(job({ DOKKU_HOST: host })), 2, 'DOKKU_HOST', words);
  });

  test('the host is the key, pasted into the wrong field: none of it is shown', async () => {
    const ran = await start(job({ DOKKU_HOST: sandbox.privateKey }));
    expectRefusal(ran, 2, 'DOKKU_HOST: it has a blank in it');
    const lines = sandbox.privateKey.split('\n').filter((line) => line.length > 8);
    expect(lines.filter((line) => ran.stderr.includes(line))).toEqual([]);
  });

  test('the host has a password: it is not shown', async () => {
    const ran = await start(job({ DOKKU_HOST: 'ssh://dokku:hunter2@dokku.example.com' }));
    expectRefusal(ran, 2, 'DOKKU_HOST: it has a password in it');
    expect(ran.stderr).not.toContain('hunter2');
  });

  test('a line of SSH_KNOWN_HOSTS that is none', async () => {
    const ran = await start(job({ SSH_KNOWN_HOSTS: 'dokku.example.com ssh-ed25519' }));
    expectRefusal(ran, 2, 'SSH_KNOWN_HOSTS, line 1: the key itself is missing');
  });

  test('no branch at all', async () => {
    repository.git('checkout', '--quiet', '--detach');
    const ran = await start({ ...sandbox.env });
    expectRefusal(ran, 2, 'CI_COMMIT_REF_NAME', 'no branch is checked out');
  });
});

describe('the host', () => {
  test('a key that it does not know', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expectRefusal(
      await start(job({ SSH_PRIVATE_KEY: text })),
      3,
      /does not accept SSH_PRIVATE_KEY \(ssh-ed25519 SHA256:/,
      'dokku ssh-keys:add',
    );
  });

  test('refuses connections', async () => {
    const ran = await start(job({ DOKKU_HOST: '127.0.0.1:1' }));
    expectRefusal(ran, 3, 'ECONNREFUSED', 'Check the port in DOKKU_HOST');
  });

  test('does not exist', async () => {
    expectRefusal(
      await start(job({ DOKKU_HOST: 'no-such-host.invalid' })),
      3,
      'no-such-host.invalid was not reached',
    );
  });

  test('shows a key that is not pinned: the line to paste is printed, and nothing was asked', async () => {
    const asked = sandbox.journal.commands.length;
    const ran = await start(
      job({ SSH_KNOWN_HOSTS: 'other.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA' }),
    );
    const [line = ''] = sandbox.env.SSH_KNOWN_HOSTS.split('\n');
    expectRefusal(ran, 3, 'is not in SSH_KNOWN_HOSTS');
    expect(ran.stderr).toContain(line);
    expect(sandbox.journal.commands.length).toBe(asked);
  });

  test('shows another key than the pinned one: expected and seen are printed', async () => {
    const other = await startSandbox();
    const pinned = other.env.SSH_KNOWN_HOSTS.replace(/:\d+/, `:${sandbox.port}`);
    await other[Symbol.asyncDispose]();
    expectRefusal(
      await start(job({ SSH_KNOWN_HOSTS: pinned })),
      3,
      'shows another key than the pinned one',
      /expected: ssh-ed25519 SHA256:/,
      /seen: {5}ssh-ed25519 SHA256:/,
    );
  });

  test('is trusted at first sight when told so, aloud', async () => {
    const ran = await start(
      job({ SSH_KNOWN_HOSTS: undefined, SSH_HOST_KEY_CHECKING: 'accept-new' }),
      '--app',
      'trusted',
    );
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain('is not pinned, and is accepted (SSH_HOST_KEY_CHECKING=accept-new)');
  });

  test('has no plugin for a service: said before anything is made', async () => {
    configure('services: [postgres]\n');
    expectRefusal(
      await start(job(), '--app', 'plugless'),
      4,
      'The host has no plugin for postgres',
      'dokku plugin:install',
    );
    expect(sandbox.state.apps.has('plugless')).toBe(false);
  });

  test('answers with something else than Dokku does: what it said is not repeated', async () => {
    const stdout = 'Welcome!\n{"API_KEY":"k3y-0f-the-app"}\n';
    sandbox.faults.inject(/^config:export/, { kind: 'answer', exit: 0, stdout });
    const ran = await start(job(), '--app', 'strange');
    expectRefusal(ran, 4, 'The host’s answer to config:export', 'Check DOKKU_HOST and its user');
    expect(ran.stderr).not.toContain('k3y-0f-the-app');
  });

  test('drops the connection in the middle: it is made again and the job goes on', async () => {
    sandbox.faults.inject(/config:import/, { kind: 'drop-before' });
    expect((await start(job(), '--app', 'dropped')).exit).toBe(0);
    sandbox.faults.inject(/apps:create/, { kind: 'drop-after' });
    expect((await start(job(), '--app', 'dropped-later')).exit).toBe(0);
  });
});

describe('the branch', () => {
  test.each([['🚀🚀'], ['---'], ['é'.repeat(120)], ['x'.repeat(255)]])(
    '%j gets a name that no host breaks on',
    async (ref) => {
      const env = job({ CI_COMMIT_REF_NAME: ref, CI_COMMIT_REF_SLUG: '' });
      const ran = await start(env, '--dry-run', '--offline');
      expect(ran.stdout).toMatch(/for the app [a-z0-9]([a-z0-9-]{0,38}[a-z0-9])? /);
    },
  );
});

describe('files', () => {
  test('a configuration that is no YAML', async () => {
    configure('services: [mysql\n');
    expectRefusal(await start(job()), 2, /\.dokku-deploy\.yml:2:1: not valid YAML/);
  });

  test('unknown keys, with the nearest known one, all at once with line and column', async () => {
    configure('servces: [mysql]\nreview:\n  nam: x\n');
    expectRefusal(
      await start(job()),
      2,
      '.dokku-deploy.yml:1:1: servces is not a known key',
      'Did you mean services?',
      '.dokku-deploy.yml:3:3: review.nam is not a known key',
    );
  });

  test('a wrong type', async () => {
    configure('services: mysql\n');
    expectRefusal(await start(job()), 2, '.dokku-deploy.yml:1:11: services: expected array');
  });

  test('an app.json that is broken', async () => {
    repository.commit({ 'app.json': '{"scripts": {\n' });
    expectRefusal(await start(job()), 2, /app\.json:2:1: not valid JSON/);
  });

  test('a variable that the job does not have', async () => {
    configure('env: {KEY: "$NOT_THERE"}\n');
    expectRefusal(await start(job()), 2, 'the variable NOT_THERE is not set in this job');
  });

  test.each([
    ['a backslash at the end', 'C:\\\\'],
    ['a quote at the end', 'say \\"hi\\"'],
    ['leading zeros', '007'],
  ])('a value with %s is refused before anything is changed', async (_, value) => {
    configure(`env: {KEY: "${value}"}\n`);
    expectRefusal(await start(job(), '--app', 'unstorable'), 2, /env\.KEY: (ends with|would be changed)/);
    expect(sandbox.state.apps.has('unstorable')).toBe(false);
  });

  test('values that only look difficult arrive as they are', async () => {
    const values = {
      QUOTES: `it's "fine" now`,
      DOLLAR: 'pa$$w0rd',
      LINES: 'one\ntwo\n',
      UNI: 'żółć ☃ 🚀',
      SLASH: 'a\\b',
      LONG: 'x'.repeat(100_000),
    };
    configure(
      JSON.stringify({
        env: Object.fromEntries(
          Object.entries(values).map(([key, value]) => [key, value.replaceAll('$', '$$$$')]),
        ),
      }),
    );
    const ran = await start(job(), '--app', 'values');
    expect(ran.exit, ran.stderr).toBe(0);
    const { parseEnv } = await import('../../sandbox/host/envfile.ts');
    const kept = parseEnv(sandbox.state.apps.get('values')?.envFile ?? '');
    expect(Object.fromEntries(Object.keys(values).map((key) => [key, kept.get(key)]))).toEqual(values);
  });
});

describe('a file that cannot be read', () => {
  test('is named, together with all else that is wrong', async () => {
    mkdirSync(join(repository.folder, 'app.json'));
    const env = job({ SSH_PRIVATE_KEY: repository.folder, SSH_KNOWN_HOSTS: undefined });
    expectRefusal(
      await start(env, '--config', 'ci/no.yml'),
      2,
      '4 settings are missing or wrong',
      'ci/no.yml: no such file',
      'app.json: a folder, not a file',
      'SSH_PRIVATE_KEY: it names a file that is not there or cannot be read',
    );
  });

  test.each([
    ['a folder as --config', '.'],
    ['a path without its file', 'ci/no.yml'],
  ])('is no reason to keep a review app alive: %s', async (_, config) => {
    const ran = await runProgram({
      argv: ['review', 'stop', '--config', config],
      cwd: repository.folder,
      env: job(),
    });
    expect([ran.exit, ran.stderr]).toEqual([0, expect.stringContaining(`Warning: ${config}: `)]);
  });
});

describe('the repository', () => {
  test('is none', async () => {
    using folder = aFolder();
    expectRefusal(
      await runProgram({ argv: ['review', 'start'], cwd: folder.folder, env: job() }),
      2,
      'There is no git repository in',
    );
  });

  test('has no commit', async () => {
    using empty = aRepository();
    expectRefusal(
      await runProgram({ argv: ['review', 'start'], cwd: empty.folder, env: job() }),
      2,
      'The repository has no commit yet',
    );
  });

  test('is another job’s: the commit is not in it', async () => {
    const ran = await start(job({ CI_COMMIT_SHA: '0123456789012345678901234567890123456789' }));
    expectRefusal(ran, 2, 'The commit 012345678901 is not in this clone');
  });

  test('cannot be shipped without git', async () => {
    expectRefusal(await start({ ...job(), PATH: '/nonexistent' }), 2, 'The program git was not found');
  });
});

describe('the deploy', () => {
  test('a build that fails is exit 4, with the host’s reason repeated at the end, and the next push mends it', async () => {
    repository.commit({ 'package.json': '{"scripts":{"build":"echo no such file; exit 3"}}' });
    const ran = await start(job(), '--app', 'unbuilt');
    expectRefusal(ran, 4, 'The host could not build unbuilt', 'App build failed');
    repository.commit({ 'package.json': '{}' });
    expect((await start(job(), '--app', 'unbuilt')).exit).toBe(0);
  });

  test('a migration that fails leaves the new version running, and that is said', async () => {
    repository.commit({ 'app.json': '{"scripts":{"dokku":{"postdeploy":"echo migrating; exit 5"}}}' });
    const ran = await start(job(), '--app', 'unmigrated');
    expectRefusal(
      ran,
      4,
      'The postdeploy script of unmigrated failed, and the new version runs all the same',
      'exit 5',
    );
    expect(sandbox.state.apps.get('unmigrated')?.deployed).toBe(true);
  });

  test('a predeploy script that fails leaves the old version running', async () => {
    repository.commit({ 'app.json': '{"scripts":{"dokku":{"predeploy":"exit 4"}}}' });
    expectRefusal(await start(job(), '--app', 'unreleased'), 4, 'failed before unreleased was started');
  });

  test('an app that does not listen is unhealthy: exit 5', async () => {
    repository.commit({ Procfile: 'web: sleep 60\n' });
    expectRefusal(await start(job(), '--app', 'deaf'), 5, 'The new version of deaf did not pass its checks');
  });

  test('an app that is busy for too long is exit 6', async () => {
    await start(job(), '--app', 'busy');
    const app = sandbox.state.apps.get('busy');
    if (app) app.deployController = new AbortController();
    repository.commit({ 'index.html': 'next' });
    expectRefusal(
      await start(job(), '--app', 'busy', '--wait', '0'),
      6,
      'Another deploy of busy is still running',
    );
    if (app) app.deployController = undefined;
  });
});

describe('the command line', () => {
  const typed = (...argv: string[]) => runProgram({ argv, cwd: repository.folder, env: job() });

  test.each([
    [['sh', '-c', 'true'], "unknown command 'sh'"],
    [['reviw', 'start'], 'Did you mean review?'],
    [['review', 'strat'], 'Did you mean start?'],
    [['deploy', '--aap', 'x'], 'Did you mean --app?'],
    [[], 'Usage: dokku-deploy'],
    [['review'], 'Usage: dokku-deploy review'],
    [['review', 'start', '--offline'], '--offline asks no host'],
    [['deploy', '--exit-code'], '--exit-code tells of a plan, and goes with --dry-run only'],
    [['review', 'start', '--wait', 'soon'], '--wait: "soon" is not a duration'],
  ])('%j exits 2', async (argv, words) => {
    const ran = await typed(...argv);
    expect([ran.exit, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(words);
  });

  test('a report that cannot be written is a warning, and an error only with --strict', async () => {
    mkdirSync(join(repository.folder, 'taken'));
    const lax = await start(job(), '--app', 'unwritten', '--dotenv', 'taken');
    expect([lax.exit, lax.stderr.includes('Warning: taken: it could not be written')]).toEqual([0, true]);
    const strict = await start(job(), '--app', 'unwritten', '--dotenv', 'taken', '--strict');
    expect(strict.exit).toBe(1);
  });
});

test('a host that never answers is given up after the stated time', async () => {
  const { openConnection } = await import('../../src/ssh/connection.ts');
  const { buildContext } = await import('../../src/context/build-context.ts');
  const { readJobInput } = await import('../../src/environment/job-input.ts');
  const env = job({ DOKKU_HOST: `127.0.0.1:${portOf(silent)}` });
  const jobInput = await readJobInput({ env, cwd: repository.folder });
  const { access } = await buildContext({ command: 'review stop', flags: {}, jobInput });
  if (!access) throw new Error('there is no access to test with');
  const opening = openConnection({ access, warn: () => {}, timeout: 300 });
  await expect(opening).rejects.toMatchObject({
    code: 'host-not-reached',
    message: /did not answer within 0\.3 s/,
  });
});
