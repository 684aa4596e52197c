import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acquireLock, releaseLock } from '../../sandbox/host/deploy-lock.ts';
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

/** Expects what every failure must have: its exit code, its message, a remedy, and no stack. */
const expectFailure = (ran: ProgramResult, exit: number, ...messages: (string | RegExp)[]): void => {
  expect(ran.exit, ran.stderr).toBe(exit);
  for (const message of messages) expect(ran.stderr).toMatch(message);
  expect(ran.stderr).toContain('What to do: ');
  expect(ran.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect(ran.stdout).toBe('');
};

const configure = (text: string) => writeFileSync(join(repository.folder, '.dokku-deploy.yml'), text);

describe('variables', () => {
  test('that are missing are all reported at once', async () => {
    expectFailure(
      await start({}),
      2,
      '3 settings are missing or wrong',
      'DOKKU_HOST',
      'SSH_PRIVATE_KEY',
      'SSH_KNOWN_HOSTS',
    );
  });

  test('that are missing on a laptop leave no file in the project', async () => {
    const before = readdirSync(repository.folder);
    const ran = await start({});
    expect([ran.exit, readdirSync(repository.folder)]).toEqual([2, before]);
  });

  test('that are missing in a CI job still produce the dotenv report and the JSON summary', async () => {
    const ran = await start({ CI: 'true', CI_COMMIT_SHA: 'a'.repeat(40) }, '--format', 'json');
    const readReport = (name: string): string => readFileSync(join(repository.folder, name), 'utf8');
    expect(readReport('dokku-deploy.env')).toBe(
      `DOKKU_DEPLOY_COMMIT=${'a'.repeat(40)}\nDOKKU_DEPLOY_EXIT_CODE=2\n`,
    );
    expect(JSON.parse(readReport('deploy.json'))).toMatchObject({
      exitCode: 2,
      error: { code: 'configuration', message: expect.stringContaining('3 settings') },
      used: { connections: 0, commands: 0 },
    });
    expect(JSON.parse(ran.stdout)).toEqual(JSON.parse(readReport('deploy.json')));
  });

  test('that are empty on an unprotected branch are reported as protected variables', async () => {
    const ran = await start(job({ SSH_PRIVATE_KEY: '', CI_COMMIT_REF_PROTECTED: 'false' }));
    expectFailure(
      ran,
      2,
      'empty, and this branch is not protected',
      'Uncheck “Protect variable” for SSH_PRIVATE_KEY, or protect the branch',
    );
    const mergeRequest = { CI_MERGE_REQUEST_IID: '5', CI_COMMIT_REF_PROTECTED: 'false' };
    const inMergeRequest = await start(job({ ...mergeRequest, SSH_PRIVATE_KEY: '' }));
    expect(inMergeRequest.stderr).toContain('for SSH_PRIVATE_KEY; also check');
  });

  test('with a public key as the private key are refused', async () => {
    expectFailure(
      await start(job({ SSH_PRIVATE_KEY: 'ssh-ed25519 AAAAC3NzaC1lZDI1 me' })),
      2,
      'it is a public key',
    );
  });

  test('with a wrong passphrase are refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const locked = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'right',
    });
    const ran = await start(job({ SSH_PRIVATE_KEY: String(locked), SSH_PASSPHRASE: 'wrong' }));
    expectFailure(ran, 2, 'SSH_PASSPHRASE is not the passphrase of SSH_PRIVATE_KEY');
  });

  test.each([
    ['http://dokku.example.com', 'is a URL, but not an ssh:// one'],
    ['dokku.example.com/apps', 'ends with "apps": set the app with --app or DOKKU_APP'],
    ['dokku example', 'contains a space'],
    ['host:99999', 'has the port 99999'],
  ])('with the host %j are refused: it %s', async (host, problem) => {
    expectFailure(await start(job({ DOKKU_HOST: host })), 2, 'DOKKU_HOST', problem);
  });

  test('with the private key pasted as the host are refused without showing the key', async () => {
    const ran = await start(job({ DOKKU_HOST: sandbox.privateKey }));
    expectFailure(ran, 2, 'DOKKU_HOST: it contains a space or a newline');
    const lines = sandbox.privateKey.split('\n').filter((line) => line.length > 8);
    expect(lines.filter((line) => ran.stderr.includes(line))).toEqual([]);
  });

  test('with a password in the host are refused without showing the password', async () => {
    const ran = await start(job({ DOKKU_HOST: 'ssh://dokku:hunter2@dokku.example.com' }));
    expectFailure(ran, 2, 'DOKKU_HOST: it contains a password');
    expect(ran.stderr).not.toContain('hunter2');
  });

  test('with an incomplete line in SSH_KNOWN_HOSTS are refused', async () => {
    const ran = await start(job({ SSH_KNOWN_HOSTS: 'dokku.example.com ssh-ed25519' }));
    expectFailure(ran, 2, 'SSH_KNOWN_HOSTS, line 1: the key is missing');
  });

  test('without a branch are refused', async () => {
    repository.git('checkout', '--quiet', '--detach');
    const ran = await start({ ...sandbox.env });
    expectFailure(ran, 2, 'CI_COMMIT_REF_NAME', 'no branch is checked out');
  });
});

describe('a host', () => {
  test('that does not accept the key is reported with the fingerprint of the key', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expectFailure(
      await start(job({ SSH_PRIVATE_KEY: text })),
      3,
      /does not accept SSH_PRIVATE_KEY \(ssh-ed25519 SHA256:/,
      'dokku ssh-keys:add',
    );
  });

  test('that refuses the connection is reported', async () => {
    const ran = await start(job({ DOKKU_HOST: '127.0.0.1:1' }));
    expectFailure(ran, 3, 'ECONNREFUSED', 'Check the port in DOKKU_HOST');
  });

  test('that does not exist is reported', async () => {
    expectFailure(
      await start(job({ DOKKU_HOST: 'no-such-host.invalid' })),
      3,
      'no-such-host.invalid could not be reached',
    );
  });

  test('whose key is not pinned is sent nothing, and the error contains the line to paste', async () => {
    const asked = sandbox.journal.commands.length;
    const ran = await start(
      job({
        SSH_KNOWN_HOSTS: `other.example.com ${sandbox.env.SSH_KNOWN_HOSTS.split(' ').slice(1).join(' ')}`,
      }),
    );
    const [line = ''] = sandbox.env.SSH_KNOWN_HOSTS.split('\n');
    expectFailure(ran, 3, 'is not in SSH_KNOWN_HOSTS');
    expect(ran.stderr).toContain(line);
    expect(sandbox.journal.commands.length).toBe(asked);
  });

  test('whose key is not the pinned one is reported with the expected and the received key', async () => {
    const other = await startSandbox();
    const pinned = other.env.SSH_KNOWN_HOSTS.replace(/:\d+/, `:${sandbox.port}`);
    await other[Symbol.asyncDispose]();
    expectFailure(
      await start(job({ SSH_KNOWN_HOSTS: pinned })),
      3,
      'presented a different key than the pinned one',
      /expected: ssh-ed25519 SHA256:/,
      /received: ssh-ed25519 SHA256:/,
    );
  });

  test('whose key is not pinned is accepted with accept-new, with a warning', async () => {
    const ran = await start(
      job({ SSH_KNOWN_HOSTS: undefined, SSH_HOST_KEY_CHECKING: 'accept-new' }),
      '--app',
      'trusted',
    );
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain('is not pinned; accepted because of SSH_HOST_KEY_CHECKING=accept-new');
  });

  test('without the plugin for a service is reported before anything is created', async () => {
    configure('services: [postgres]\n');
    expectFailure(
      await start(job(), '--app', 'plugless'),
      4,
      'The host has no plugin for postgres',
      'dokku plugin:install',
    );
    expect(sandbox.state.apps.has('plugless')).toBe(false);
  });

  test('whose answer is not Dokku’s is reported without repeating the answer', async () => {
    const stdout = 'Welcome!\n{"API_KEY":"k3y-0f-the-app"}\n';
    sandbox.faults.inject(/^config:export/, { kind: 'answer', exit: 0, stdout });
    const ran = await start(job(), '--app', 'strange');
    expectFailure(ran, 4, 'The host’s answer to config:export', 'Check DOKKU_HOST and its user');
    expect(ran.stderr).not.toContain('k3y-0f-the-app');
  });

  test('that drops the connection halfway is connected to again, and the job continues', async () => {
    sandbox.faults.inject(/config:import/, { kind: 'drop-before' });
    expect((await start(job(), '--app', 'dropped')).exit).toBe(0);
    sandbox.faults.inject(/apps:create/, { kind: 'drop-after' });
    expect((await start(job(), '--app', 'dropped-later')).exit).toBe(0);
  });
});

describe('a branch', () => {
  test.each([['🚀🚀'], ['---'], ['é'.repeat(120)], ['x'.repeat(255)]])(
    'named %j gets an app name that every host accepts',
    async (ref) => {
      const env = job({ CI_COMMIT_REF_NAME: ref, CI_COMMIT_REF_SLUG: '' });
      const ran = await start(env, '--dry-run', '--offline');
      expect(ran.stdout).toMatch(/for the app [a-z0-9]([a-z0-9-]{0,38}[a-z0-9])? /);
    },
  );
});

describe('the configuration', () => {
  test('that is not YAML is refused with its position', async () => {
    configure('services: [mysql\n');
    expectFailure(await start(job()), 2, /\.dokku-deploy\.yml:2:1: not valid YAML/);
  });

  test('with unknown keys is refused with all of them, their positions and the nearest known keys', async () => {
    configure('servces: [mysql]\nreview:\n  nam: x\n');
    expectFailure(
      await start(job()),
      2,
      '.dokku-deploy.yml:1:1: servces is not a known key',
      'Did you mean services?',
      '.dokku-deploy.yml:3:3: review.nam is not a known key',
    );
  });

  test('with a value of the wrong type is refused', async () => {
    configure('services: mysql\n');
    expectFailure(await start(job()), 2, '.dokku-deploy.yml:1:11: services: expected a list, not text');
  });

  test('in a broken app.json is refused with its position', async () => {
    repository.commit({ 'app.json': '{"scripts": {\n' });
    expectFailure(await start(job()), 2, /app\.json:2:1: not valid JSON/);
  });

  test('with a variable that is not set in the job is refused', async () => {
    configure('env: {KEY: "$NOT_THERE"}\n');
    expectFailure(await start(job()), 2, 'the variable NOT_THERE is not set in this job');
  });

  test.each([
    ['a backslash at the end', 'C:\\\\'],
    ['a quote at the end', 'say \\"hi\\"'],
    ['leading zeros', '007'],
  ])('with a value with %s is refused before anything is changed', async (_, value) => {
    configure(`env: {KEY: "${value}"}\n`);
    expectFailure(await start(job(), '--app', 'unstorable'), 2, /env\.KEY: (ends with|would be changed)/);
    expect(sandbox.state.apps.has('unstorable')).toBe(false);
  });

  test('with unusual values reaches the app unchanged', async () => {
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
    const stored = parseEnv(sandbox.state.apps.get('values')?.envFile ?? '');
    expect(Object.fromEntries(Object.keys(values).map((key) => [key, stored.get(key)]))).toEqual(values);
  });
});

describe('a file that cannot be read', () => {
  test('is reported, together with everything else that is wrong', async () => {
    mkdirSync(join(repository.folder, 'app.json'));
    const env = job({ SSH_PRIVATE_KEY: repository.folder, SSH_KNOWN_HOSTS: undefined });
    expectFailure(
      await start(env, '--config', 'ci/no.yml'),
      2,
      '4 settings are missing or wrong',
      'ci/no.yml: no such file',
      'app.json: a folder, not a file',
      'SSH_PRIVATE_KEY: it is the path of a file that does not exist or cannot be read',
    );
  });

  test.each([
    ['a folder', '.'],
    ['a missing file', 'ci/no.yml'],
  ])('does not keep review stop from removing the app: %s as --config', async (_, config) => {
    const ran = await runProgram({
      argv: ['review', 'stop', '--config', config],
      cwd: repository.folder,
      env: job(),
    });
    expect([ran.exit, ran.stderr]).toEqual([0, expect.stringContaining(`Warning: ${config}: `)]);
  });
});

describe('a repository', () => {
  test('that does not exist is reported', async () => {
    using folder = aFolder();
    expectFailure(
      await runProgram({ argv: ['review', 'start'], cwd: folder.folder, env: job() }),
      2,
      'There is no git repository in',
    );
  });

  test('without a commit is reported', async () => {
    using empty = aRepository();
    expectFailure(
      await runProgram({ argv: ['review', 'start'], cwd: empty.folder, env: job() }),
      2,
      'The repository has no commit yet',
    );
  });

  test('without the commit of the job is reported', async () => {
    const ran = await start(job({ CI_COMMIT_SHA: '0123456789012345678901234567890123456789' }));
    expectFailure(ran, 2, 'The commit 012345678901 is not in this clone');
  });

  test('cannot be deployed without git', async () => {
    expectFailure(await start({ ...job(), PATH: '/nonexistent' }), 2, 'git was not found');
  });
});

describe('a deploy', () => {
  test('whose build fails exits 4 with the reason at the end, and a fixed push succeeds', async () => {
    repository.commit({ 'package.json': '{"scripts":{"build":"echo no such file; exit 3"}}' });
    const ran = await start(job(), '--app', 'unbuilt');
    expectFailure(ran, 4, 'The host could not build unbuilt', 'App build failed');
    repository.commit({ 'package.json': '{}' });
    expect((await start(job(), '--app', 'unbuilt')).exit).toBe(0);
  });

  test('whose migration fails reports that the new version is running anyway', async () => {
    repository.commit({ 'app.json': '{"scripts":{"dokku":{"postdeploy":"echo migrating; exit 5"}}}' });
    const ran = await start(job(), '--app', 'unmigrated');
    expectFailure(
      ran,
      4,
      'The postdeploy script of unmigrated failed. The new version is running anyway.',
      'exit 5',
    );
    expect(sandbox.state.apps.get('unmigrated')?.deployed).toBe(true);
  });

  test('whose predeploy script fails leaves the old version running', async () => {
    repository.commit({ 'app.json': '{"scripts":{"dokku":{"predeploy":"exit 4"}}}' });
    expectFailure(await start(job(), '--app', 'unreleased'), 4, 'failed before unreleased was started');
  });

  test('of an app that fails its health check exits 5', async () => {
    const healthchecks = { web: [{ type: 'startup', path: '/', attempts: 1 }] };
    repository.commit({ Procfile: 'web: sleep 60\n', 'app.json': JSON.stringify({ healthchecks }) });
    expectFailure(
      await start(job(), '--app', 'deaf'),
      5,
      'The new version of deaf did not pass its health checks',
    );
  });

  test('of an app that is busy for longer than --wait exits 6', async () => {
    await start(job(), '--app', 'busy');
    const app = sandbox.state.apps.get('busy');
    const other = new AbortController();
    if (app) acquireLock(app, 'other', other);
    repository.commit({ 'index.html': 'next' });
    expectFailure(
      await start(job(), '--app', 'busy', '--wait', '0'),
      6,
      'Another deploy of busy is still running',
    );
    if (app) releaseLock(app, other);
  });
});

describe('the command line', () => {
  const run = (...argv: string[]) => runProgram({ argv, cwd: repository.folder, env: job() });

  test.each([
    [['sh', '-c', 'true'], "unknown command 'sh'"],
    [['reviw', 'start'], 'Did you mean review?'],
    [['review', 'strat'], 'Did you mean start?'],
    [['deploy', '--aap', 'x'], 'Did you mean --app?'],
    [[], 'Usage: dokku-deploy'],
    [['review'], 'Usage: dokku-deploy review'],
    [['review', 'start', '--offline'], '--offline requires --dry-run'],
    [['deploy', '--exit-code'], '--exit-code requires --dry-run'],
    [['review', 'start', '--wait', 'soon'], '--wait: "soon" is not a duration'],
  ])('%j exits 2', async (argv, message) => {
    const ran = await run(...argv);
    expect([ran.exit, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(message);
  });

  test('reports a file that cannot be written as a warning, and with --strict as an error', async () => {
    mkdirSync(join(repository.folder, 'taken'));
    const lax = await start(job(), '--app', 'unwritten', '--dotenv', 'taken');
    expect([lax.exit, lax.stderr.includes('Warning: taken: not written: ')]).toEqual([0, true]);
    const strict = await start(job(), '--app', 'unwritten', '--dotenv', 'taken', '--strict');
    expect(strict.exit).toBe(1);
  });
});

test('a host that never answers is reported after the timeout', async () => {
  const { openConnection } = await import('../../src/ssh/connection.ts');
  const { limits } = await import('../../src/ssh/limits.ts');
  const { buildContext } = await import('../../src/context/build-context.ts');
  const { readJobInput } = await import('../../src/environment/job-input.ts');
  const env = job({ DOKKU_HOST: `127.0.0.1:${portOf(silent)}` });
  const jobInput = await readJobInput({ env, cwd: repository.folder });
  const { access } = await buildContext({ command: 'review stop', flags: {}, jobInput });
  if (!access) throw new Error('the context has no access');
  const opening = openConnection({ access, warn: () => {}, limits: { ...limits, connectTime: 300 } });
  await expect(opening).rejects.toMatchObject({
    code: 'host-not-reached',
    message: /did not answer within 0\.3 s/,
  });
});
