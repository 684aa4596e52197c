import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireLock, releaseLock } from '../../sandbox/host/deploy-lock.ts';
import type { JournalEntry } from '../../sandbox/journal.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aClone, aRepository, type TestRepository } from '../support/repository.ts';
import { connectTo, runOver } from '../support/ssh.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const deploy = (app: string, ...flags: string[]) =>
  runProgram({
    argv: ['deploy', 'staging', '--app', app, ...flags],
    cwd: repository.folder,
    env: { ...sandbox.env, CI_PROJECT_PATH: 'group/shop', CI_COMMIT_REF_NAME: 'main' },
  });

/** Resolves when a push to the app has ended, from now on. */
const pushed = async (app: string): Promise<void> => {
  const before = sandbox.journal.commands.length;
  const isPush = ({ line, endedAt }: JournalEntry) =>
    line === `git-receive-pack '${app}'` && endedAt !== undefined;
  while (!sandbox.journal.commands.slice(before).some(isPush)) await sleep(20);
};

test('waits for another deploy of the same app', async () => {
  await deploy('waited');
  const app = sandbox.state.apps.get('waited');
  if (!app) throw new Error('the app does not exist');
  const other = new AbortController();
  acquireLock(app, 'other', other);
  repository.commit({ 'index.html': 'next' });
  const running = deploy('waited');
  await pushed('waited');
  releaseLock(app, other);
  const ran = await running;
  expect([ran.exit, ran.stderr.includes('another deploy of waited is running: waiting up to 900 s')]).toEqual(
    [0, true],
  );
});

test('an older commit does not undo a newer one after both waited for the host', async () => {
  await deploy('contested');
  const app = sandbox.state.apps.get('contested');
  if (!app) throw new Error('the app does not exist');
  const older = repository.commit({ 'index.html': 'older' });
  const newer = repository.commit({ 'index.html': 'newer' });
  using clone = aClone(repository, undefined);
  clone.git('checkout', '--quiet', older);
  const other = new AbortController();
  acquireLock(app, 'other', other);
  const ofNewer = deploy('contested');
  await pushed('contested');
  // Each of them looks for the lock every five seconds: the newer one goes first.
  await sleep(2_500);
  const ofOlder = runProgram({
    argv: ['deploy', 'staging', '--app', 'contested'],
    cwd: clone.folder,
    env: { ...sandbox.env, CI_PROJECT_PATH: 'group/shop', CI_COMMIT_REF_NAME: 'main' },
  });
  await pushed('contested');
  releaseLock(app, other);
  const [first, second] = await Promise.all([ofNewer, ofOlder]);
  expect([first.exit, second.exit], second.stderr).toEqual([0, 6]);
  expect(second.stderr).toContain('Nothing was shipped');
  expect(app.envFile).toContain(`DOKKU_DEPLOY_COMMIT="${newer}"`);
});

test('fails when a script prints the closing block before it fails', async () => {
  const forge =
    "printf '\\r=====> Application deployed:\\n\\r       http://forged.example.com\\n\\n'; exit 1";
  using forging = aRepository();
  forging.commit({
    'index.html': 'hello',
    'app.json': JSON.stringify({ scripts: { dokku: { predeploy: forge } } }),
  });
  const ran = await runProgram({
    argv: ['deploy', 'staging', '--app', 'forging'],
    cwd: forging.folder,
    env: { ...sandbox.env, CI_PROJECT_PATH: 'group/shop', CI_COMMIT_REF_NAME: 'main' },
  });
  expect([ran.exit, ran.stdout]).toEqual([4, '']);
  expect(ran.stderr).toContain('Execution of predeploy task failed');
});

test('reconnects after a drop during the build and finds its outcome', async () => {
  const dropped = deploy('cut-off');
  sandbox.faults.inject(/^git-receive-pack 'cut-off'/, { kind: 'drop-after' });
  const ran = await dropped;
  expect([ran.exit, ran.stdout]).toEqual([0, `http://cut-off.localhost:${sandbox.webPort}\n`]);
});

test('reconnects after a drop in the middle of the build’s output and finds its outcome', async () => {
  sandbox.faults.inject(/^git-receive-pack 'cut-short'/, { kind: 'drop-during', at: /Releasing/ });
  const ran = await deploy('cut-short');
  expect([ran.exit, ran.stdout]).toEqual([0, `http://cut-short.localhost:${sandbox.webPort}\n`]);
});

test('reconnects after a drop before receive-pack answers', async () => {
  sandbox.faults.inject(/^git-receive-pack 'unopened'/, { kind: 'drop-before' });
  const ran = await deploy('unopened');
  expect([ran.exit, ran.stdout]).toEqual([0, `http://unopened.localhost:${sandbox.webPort}\n`]);
});

/** Starts a proxy to the sandbox that cuts one connection after so many bytes, and none after that. */
const cutAfter = async (bytes: number): Promise<{ readonly port: number } & AsyncDisposable> => {
  let left = bytes;
  const server = createServer((client) => {
    const onward = connect(sandbox.port, '127.0.0.1');
    for (const socket of [client, onward]) socket.on('error', () => {});
    onward.pipe(client);
    client.on('data', (chunk) => {
      onward.write(chunk);
      const before = left;
      left -= chunk.length;
      if (before > 0 && left <= 0) for (const socket of [client, onward]) socket.destroy();
    });
    client.once('close', () => onward.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
};

test('reconnects after a drop during the upload and does not blame the clone', async () => {
  await using way = await cutAfter(400_000);
  using big = aRepository();
  big.commit({ 'index.html': 'hello', 'big.bin': randomBytes(2_000_000).toString('base64') });
  const through = (text: string) => text.replaceAll(String(sandbox.port), String(way.port));
  const ran = await runProgram({
    argv: ['deploy', 'staging', '--app', 'uploaded'],
    cwd: big.folder,
    env: {
      ...sandbox.env,
      DOKKU_HOST: through(sandbox.env.DOKKU_HOST),
      SSH_KNOWN_HOSTS: through(sandbox.env.SSH_KNOWN_HOSTS),
      CI_PROJECT_PATH: 'group/shop',
      CI_COMMIT_REF_NAME: 'main',
    },
  });
  expect([ran.exit, ran.stdout], ran.stderr).toEqual([0, `http://uploaded.localhost:${sandbox.webPort}\n`]);
  expect(ran.stderr).toContain('lost the connection while shipping to uploaded: trying again');
});

test('deploys again when the build is killed on the host', async () => {
  sandbox.faults.inject(/^git-receive-pack 'killed'/, {
    kind: 'kill-build',
    at: /Building/,
    keepsLock: false,
  });
  const ran = await deploy('killed');
  expect([ran.exit, sandbox.state.apps.get('killed')?.deployed]).toEqual([0, true]);
  const builds = sandbox.state.apps.get('killed')?.builds.map(({ status }) => status);
  expect(builds).toEqual(['failed', 'succeeded']);
});

test('rebuilds a stopped app although the host has the commit', async () => {
  await deploy('asleep');
  await sandbox.state.apps.get('asleep')?.web?.stop();
  const app = sandbox.state.apps.get('asleep');
  if (app) app.containers = [];
  const ran = await deploy('asleep');
  expect([ran.exit, ran.stderr.includes('rebuilt: it was not running')]).toEqual([0, true]);
});

test('pushes to the deploy branch that the host reports', async () => {
  await deploy('branched');
  const app = sandbox.state.apps.get('branched');
  if (app) app.deployBranch = 'trunk';
  repository.commit({ 'index.html': 'on trunk' });
  const ran = await deploy('branched');
  expect(ran.exit).toBe(0);
  const refs = repository.git(
    '-C',
    `${sandbox.folder}/apps/branched.git`,
    'for-each-ref',
    '--format=%(refname)',
  );
  expect(refs.split('\n')).toEqual(['refs/heads/master', 'refs/heads/trunk']);
});

test('accepts an apps:create that exits 1 after creating the app', async () => {
  // As on a host where another app has broken nginx.
  sandbox.faults.inject(/^apps:create half-created/, { kind: 'fail-after', exit: 1 });
  const ran = await deploy('half-created');
  expect(sandbox.journal.commands.find(({ line }) => line === 'apps:create half-created')?.exit).toBe(1);
  expect([ran.exit, ran.stderr.includes('done, although the host reported an error')]).toEqual([0, true]);
});

test('sends the configuration as base64 arguments to a host without config:import', async () => {
  sandbox.faults.inject(/config:import/, {
    kind: 'answer',
    exit: 1,
    stderr:
      ' !     `config:import` is not a dokku command.\n !     See `dokku help` for a list of available commands.\n',
  });
  const ran = await deploy('old-host');
  expect(ran.exit).toBe(0);
  expect(sandbox.state.apps.get('old-host')?.envFile).toContain('DOKKU_DEPLOY_COMMIT=');
  expect(
    sandbox.journal.commands.some(({ line }) =>
      line.startsWith('--quiet config:set --no-restart --encoded old-host'),
    ),
  ).toBe(true);
});

test('does not claim a service that someone else creates and links at the same time', async () => {
  await using host = await startSandbox({ services: ['mongo'] });
  repository.commit({ '.dokku-deploy.yml': 'services: [mongo]\n' });
  const client = await connectTo(host);
  for (const line of [
    'apps:create billing',
    'mongo:create raced-database',
    'mongo:link raced-database billing',
  ])
    await runOver(client, line);
  client.end();
  // As if it had been created a moment after this question.
  host.faults.inject(/^mongo:exists/, {
    kind: 'answer',
    exit: 1,
    stderr: ' !     MongoDB service raced-database does not exist\n',
  });
  const env = { ...host.env, CI_PROJECT_PATH: 'group/shop', CI_COMMIT_REF_NAME: 'raced' };
  const ran = await runProgram({ argv: ['review', 'start'], cwd: repository.folder, env });
  expect([ran.exit, ran.stderr]).toEqual([
    4,
    expect.stringContaining('was created by someone else while this job ran'),
  ]);
  expect(host.state.apps.get('raced')?.envFile).toMatch(/DOKKU_DEPLOY_REVIEW="[^"]*services="/);
});

/** Deploys an app whose web process is this program, to a host that gives it little time to start. */
const deployProgram = async (
  program: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ProgramResult & { readonly asked: readonly string[] }> => {
  await using host = await startSandbox({ services: [], startTimeout: 300 });
  using project = aRepository();
  project.commit({
    Procfile: 'web: node server.js\n',
    'package.json': '{"name":"x","version":"1.0.0"}\n',
    'server.js': program,
    ...more,
  });
  const start = Date.now();
  const ran = await runProgram({
    argv: ['deploy', 'staging', '--app', 'dead'],
    cwd: project.folder,
    env: { ...host.env, CI_PROJECT_PATH: 'group/shop', CI_COMMIT_REF_NAME: 'main' },
    // The twenty seconds that an app has to answer pass in one.
    now: () => start + (Date.now() - start) * 20,
  });
  return { ...ran, asked: host.journal.commands.map(({ line }) => line) };
};

const listen =
  'require("http").createServer((_, answer) => answer.end("up")).listen(process.env.PORT, "127.0.0.1");';

describe('an app that the host reports as deployed', () => {
  test('but that never listens fails the job, with its log', async () => {
    const ran = await deployProgram('console.log("waiting for Godot"); setInterval(() => {}, 1_000);');
    expect([ran.exit, ran.stdout]).toEqual([5, '']);
    expect(ran.stderr).toContain('dead is deployed but does not serve');
    expect(ran.stderr).toContain('waiting for Godot');
  });

  test('but that has crashed since its checks fails the job, with its log', async () => {
    const crash = `
      const { existsSync, writeFileSync } = require('fs');
      if (existsSync('crashed')) { console.log('out of luck'); process.exit(1); }
      ${listen}
      setTimeout(() => { writeFileSync('crashed', ''); process.exit(1); }, 1_000);
    `;
    // The script keeps the deploy going until the crash.
    const ran = await deployProgram(crash, {
      'app.json': '{"scripts":{"dokku":{"postdeploy":"sleep 1.5"}}}',
    });
    expect([ran.exit, ran.stderr.includes('out of luck')]).toEqual([5, true]);
  });

  test('and that does not serve passes with probe: false', async () => {
    const ran = await deployProgram('setInterval(() => {}, 1_000);', {
      '.dokku-deploy.yml': 'probe: false\n',
    });
    expect(ran.exit).toBe(0);
    expect(ran.stderr).not.toContain('Check that');
  });
});
