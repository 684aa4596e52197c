import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { fetchPage } from '../support/page.ts';
import { aClone, aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { countRoundTrips } from '../support/round-trips.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let origin: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mysql', 'redis'] });
  origin = aRepository();
  for (let number = 1; number <= 25; number += 1) {
    const filler = Array.from(
      { length: 200 },
      (_, line) => `${number} ${line} ${Math.sin(number * line)}`,
    ).join('\n');
    origin.commit({ 'index.html': `<h1>version ${number}</h1>`, [`data/${number}.txt`]: filler });
  }
});

afterAll(async () => {
  origin[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** The variables of a job for a branch. */
const job = (branch: string, more: Record<string, string> = {}) => ({
  ...sandbox.env,
  GITLAB_CI: 'true',
  CI_COMMIT_REF_NAME: branch,
  CI_COMMIT_REF_SLUG: branch,
  CI_PROJECT_ID: '42',
  CI_PROJECT_PATH: 'group/shop',
  CI_PROJECT_NAME: 'shop',
  ...more,
});

const serviceNames = () =>
  [...sandbox.state.services.values()].flatMap((byName) => [...byName.keys()]).sort();

describe('review start', () => {
  test('creates the app with its services from a clone of depth 20, deploys it, and prints its URL', async () => {
    using clone = aClone(origin, 20);
    writeFileSync(
      join(clone.folder, '.dokku-deploy.yml'),
      'services: [mysql, redis]\nenv: {GREETING: "hello $$"}\n',
    );
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('first') });
    expect([ran.exit, ran.stdout]).toEqual([0, `http://first.localhost:${sandbox.webPort}\n`]);
    expect(serviceNames()).toEqual(['first-database', 'first-redis']);
    expect(sandbox.state.apps.get('first')?.envFile).toContain('GREETING="hello \\$"');
    expect(await fetchPage(ran.stdout.trim())).toContain('version 25');
  });

  test('sends a small change in less than 1,000 bytes, with six commands in two round trips on one connection', async () => {
    using clone = aClone(origin, 20);
    await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('second') });
    for (const report of globSync('{deploy.json,dokku-deploy*}', { cwd: clone.folder }))
      rmSync(join(clone.folder, report));
    clone.commit({ 'index.html': '<h1>a small change</h1>' });
    const before = { ...sandbox.journal, commands: sandbox.journal.commands.length };
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('second') });
    const commands = sandbox.journal.commands.slice(before.commands);
    const asked = commands.filter(({ line }) => !line.startsWith('git-receive-pack'));
    expect(ran.exit).toBe(0);
    expect(asked.map(({ line }) => line)).toEqual([
      'config:export --format json second',
      'git:report second',
      'apps:report second',
      'builds:list second --status running --format json',
      'domains:report second --domains-app-vhosts',
      '--quiet config:import --format json --no-restart second -',
    ]);
    expect(countRoundTrips(asked)).toBe(2);
    expect(sandbox.journal.connections - before.connections).toBe(1);
    const { used } = JSON.parse(readFileSync(join(clone.folder, 'deploy.json'), 'utf8')) as { used: unknown };
    expect(used).toEqual({ connections: 1, commands: commands.length });
    const bytes = Number(/shipped, (\d+) bytes/.exec(ran.stderr)?.[1]);
    expect(bytes).toBeLessThan(1_000);
  });

  test('deploys nothing and succeeds when run again for the same commit', async () => {
    using clone = aClone(origin, 20);
    await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('again') });
    const before = sandbox.journal.commands.length;
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('again') });
    const commands = sandbox.journal.commands.slice(before);
    expect(commands.map(({ line }) => line)).toEqual([
      'config:export --format json again',
      'git:report again',
      'apps:report again',
      'builds:list again --status running --format json',
      'domains:report again --domains-app-vhosts',
    ]);
    expect(countRoundTrips(commands)).toBe(1);
    expect([ran.exit, ran.stdout]).toEqual([0, `http://again.localhost:${sandbox.webPort}\n`]);
    expect(ran.stderr).toContain('the host already runs this commit');
    const rebuilt = await runProgram({
      argv: ['review', 'start', '--rebuild'],
      cwd: clone.folder,
      env: job('again'),
    });
    expect(rebuilt.exit).toBe(0);
    expect(rebuilt.stderr).toContain('rebuilt: ');
  });

  test('deploys a changed value although the commit is the same', async () => {
    using clone = aClone(origin, 20);
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'env: {MODE: one}\n');
    await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('changed') });
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'env: {MODE: two}\n');
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('changed') });
    expect(ran.stderr).toContain('rebuilt: ');
    expect(sandbox.state.apps.get('changed')?.envFile).toContain('MODE="two"');
  });

  test('refuses the app of an environment, with its name and a remedy', async () => {
    using clone = aClone(origin, 20);
    await runProgram({
      argv: ['deploy', 'production', '--app', 'shop-live'],
      cwd: clone.folder,
      env: job('main'),
    });
    const refused = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('shop-live') });
    expect(refused.exit).toBe(4);
    expect(refused.stderr).toContain(
      'The app shop-live exists on the host and belongs to the environment production of',
    );
    expect(refused.stderr).toContain('What to do: Give this review app another name');
    const stopped = await runProgram({ argv: ['review', 'stop'], cwd: clone.folder, env: job('shop-live') });
    expect(stopped.exit).toBe(4);
    expect(sandbox.state.apps.has('shop-live')).toBe(true);
  });

  test('refuses the review app of another project with the same branch name', async () => {
    using clone = aClone(origin, 20);
    const other = { CI_PROJECT_ID: '43', CI_PROJECT_PATH: 'group/other' };
    await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('fix') });
    const refused = await runProgram({
      argv: ['review', 'start'],
      cwd: clone.folder,
      env: job('fix', other),
    });
    expect(refused.stderr).toContain('is the review app of fix in the project group/shop');
    const stopped = await runProgram({ argv: ['review', 'stop'], cwd: clone.folder, env: job('fix', other) });
    expect([refused.exit, stopped.exit, sandbox.state.apps.has('fix')]).toEqual([4, 4, true]);
  });

  test('pushes the full history with source.history: full, and unshallows the clone for it', async () => {
    using clone = aClone(origin, 3);
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'source: {history: full}\n');
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('whole') });
    expect(ran.exit).toBe(0);
    const commits = clone.git(
      '-C',
      join(sandbox.folder, 'apps', 'whole.git'),
      'rev-list',
      '--count',
      'master',
    );
    expect(commits).toBe('25');
  });

  test('includes the files in source.include, even if git ignores them', async () => {
    using clone = aClone(origin, 20);
    clone.commit({ '.gitignore': 'built/\n' });
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'source: {include: [built]}\n');
    clone.git('config', 'core.excludesFile', '/dev/null');
    mkdirSync(join(clone.folder, 'built'));
    writeFileSync(join(clone.folder, 'built', 'page.html'), 'made by the job');
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('built') });
    expect(ran.exit).toBe(0);
    const page = await fetchPage(`${ran.stdout.trim()}/built/page.html`);
    expect(page).toBe('made by the job');
    expect(clone.git('status', '--porcelain', '--untracked-files=no')).toBe('');
  });

  test('deploys an app.yml as app.json, with a note in the log', async () => {
    using clone = aClone(origin, 20);
    const script = 'echo migrated > migrated.txt';
    clone.commit({ 'app.yml': `scripts:\n  dokku:\n    postdeploy: ${script}\n` });
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('tutorial') });
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain('app.yml: Dokku only reads app.json');
    expect(ran.stderr).toContain(`Executing postdeploy task from app.json`);
    clone.commit({ 'index.html': 'next' });
    const next = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('tutorial') });
    expect(Number(/shipped, (\d+) bytes/.exec(next.stderr)?.[1])).toBeLessThan(2_000);
  });

  test('creates app and database for a branch with 255 characters', async () => {
    using clone = aClone(origin, 20);
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'services: [mysql]\n');
    const branch = `feature/${'long-'.repeat(50)}`.slice(0, 255);
    const slug = branch.replace('/', '-').slice(0, 63).replace(/-+$/, '');
    const env = job(branch, { CI_COMMIT_REF_SLUG: slug });
    const ran = await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env });
    const name = ran.stdout.match(/\/\/([^.]+)\./)?.[1] ?? '';
    expect([ran.exit, name.length <= 40]).toEqual([0, true]);
    expect(serviceNames()).toContain(`${name}-database`);
  });
});

describe('review stop', () => {
  test('removes the app and its services without a checkout, git or a configuration file, and can be repeated', async () => {
    using clone = aClone(origin, 20);
    using empty = aFolder();
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'services: [mysql, redis]\n');
    await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('gone') });
    expect(serviceNames()).toContain('gone-database');
    const env = { ...job('gone'), PATH: '/nonexistent' };
    const stopped = await runProgram({ argv: ['review', 'stop'], cwd: empty.folder, env });
    expect([stopped.exit, stopped.stdout]).toEqual([0, '']);
    expect(stopped.stderr).toContain('Removed the app and mysql gone-database, redis gone-redis.');
    expect([
      sandbox.state.apps.has('gone'),
      serviceNames().filter((name) => name.startsWith('gone')),
    ]).toEqual([false, []]);
    const again = await runProgram({ argv: ['review', 'stop'], cwd: empty.folder, env });
    expect(again.exit).toBe(0);
    expect(again.stderr).toContain('The app did not exist.');
  });

  test('continues where an earlier run failed', async () => {
    using clone = aClone(origin, 20);
    using empty = aFolder();
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'services: [mysql, redis]\n');
    await runProgram({ argv: ['review', 'start'], cwd: clone.folder, env: job('half') });
    sandbox.faults.inject(/^redis:destroy/, { kind: 'answer', exit: 1, stderr: ' !     no disk space\n' });
    const failed = await runProgram({ argv: ['review', 'stop'], cwd: empty.folder, env: job('half') });
    expect([failed.exit, sandbox.state.apps.has('half')]).toEqual([4, true]);
    expect(failed.stderr).toContain('no disk space');
    const second = await runProgram({ argv: ['review', 'stop'], cwd: empty.folder, env: job('half') });
    expect([second.exit, sandbox.state.apps.has('half')]).toEqual([0, false]);
    expect(serviceNames().filter((name) => name.startsWith('half'))).toEqual([]);
  });
});

describe('deploy', () => {
  test('creates the app of the environment with its services, without a review marker', async () => {
    using clone = aClone(origin, 20);
    const file = 'environments:\n  staging: {app: shop-staging, services: [mysql]}\n';
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), file);
    const env = job('main', { CI_ENVIRONMENT_NAME: 'staging' });
    const ran = await runProgram({ argv: ['deploy'], cwd: clone.folder, env });
    expect([ran.exit, ran.stdout]).toEqual([0, `http://shop-staging.localhost:${sandbox.webPort}\n`]);
    expect(serviceNames()).toContain('shop-staging-database');
    expect(sandbox.state.apps.get('shop-staging')?.envFile).not.toContain('DOKKU_DEPLOY_REVIEW');
  });

  test('ignores the app in the dotenv report of an earlier job', async () => {
    using clone = aClone(origin, 20);
    const staging = { DOKKU_APP: 'shop-staging', CI_ENVIRONMENT_NAME: 'staging' };
    await runProgram({ argv: ['deploy'], cwd: clone.folder, env: job('main', staging) });
    const lines = readFileSync(join(clone.folder, 'dokku-deploy.env'), 'utf8').trim().split('\n');
    const fromReport = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    // The variables of a dotenv report take precedence over those in the YAML of a job, but not over project variables.
    const named = job('main', { DOKKU_APP: 'shop-live', CI_ENVIRONMENT_NAME: 'production', ...fromReport });
    const unnamed = job('main', { CI_ENVIRONMENT_NAME: 'production', ...fromReport });
    for (const [env, app] of [
      [named, 'shop-live'],
      [unnamed, 'shop'],
    ] as const) {
      const ran = await runProgram({ argv: ['deploy'], cwd: clone.folder, env });
      expect(ran.stdout).toBe(`http://${app}.localhost:${sandbox.webPort}\n`);
    }
  });

  test('refuses an older commit without --allow-older', async () => {
    using clone = aClone(origin, undefined);
    const older = clone.git('rev-parse', 'HEAD~3');
    await runProgram({
      argv: ['deploy', 'production', '--app', 'forward'],
      cwd: clone.folder,
      env: job('main'),
    });
    clone.git('-c', 'core.pager=cat', 'log', '-1', '--format=%ct', older);
    const env = job('main', { CI_COMMIT_SHA: older });
    const app = sandbox.state.apps.get('forward');
    if (app) app.envFile = app.envFile.replace(/(COMMITTED_AT=")[^"]+/, '$12099-01-01T00:00:00.000Z');
    const refused = await runProgram({
      argv: ['deploy', 'production', '--app', 'forward'],
      cwd: clone.folder,
      env,
    });
    expect(refused.exit).toBe(4);
    expect(refused.stderr).toContain('--allow-older');
    const allowed = await runProgram({
      argv: ['deploy', 'production', '--app', 'forward', '--allow-older'],
      cwd: clone.folder,
      env,
    });
    expect(allowed.exit).toBe(0);
  });
});

test('a value in the configuration file is not masked: it may be part of the URL', async () => {
  using clone = aClone(origin, 20);
  writeFileSync(
    join(clone.folder, '.dokku-deploy.yml'),
    'app: shop-production\nenv: {RAILS_ENV: production, BRANCH: $CI_COMMIT_REF_SLUG, TOKEN: $SHOP_TOKEN}\n',
  );
  const env = job('main', { CI_ENVIRONMENT_NAME: 'production', SHOP_TOKEN: 'shop-production-token' });
  const ran = await runProgram({ argv: ['deploy'], cwd: clone.folder, env });
  expect([ran.exit, ran.stdout]).toEqual([0, `http://shop-production.localhost:${sandbox.webPort}\n`]);
  expect(ran.stderr).not.toContain('[config.RAILS_ENV]');
});

describe('a dry run', () => {
  test('prints the plan for the current state of the host and changes nothing', async () => {
    using clone = aClone(origin, 20);
    writeFileSync(join(clone.folder, '.dokku-deploy.yml'), 'services: [mysql]\n');
    const ran = await runProgram({
      argv: ['review', 'start', '--dry-run', '--exit-code'],
      cwd: clone.folder,
      env: job('dry'),
    });
    expect(ran.exit).toBe(10);
    expect(ran.stdout).toContain(
      `Plan of review start for the app dry on dokku@127.0.0.1:${sandbox.port}: 8 steps`,
    );
    expect([sandbox.state.apps.has('dry'), existsSync(join(clone.folder, 'dokku-deploy.env'))]).toEqual([
      false,
      false,
    ]);
  });

  test('with --format json prints the plan as JSON', async () => {
    using clone = aClone(origin, 20);
    const argv = ['review', 'start', '--dry-run', '--offline', '--format', 'json'];
    const ran = await runProgram({ argv, cwd: clone.folder, env: { CI_COMMIT_REF_NAME: 'x' } });
    const plan = JSON.parse(ran.stdout) as { version: number; steps: { id: string }[] };
    expect([plan.version, plan.steps.map(({ id }) => id)]).toEqual([
      1,
      ['create-app', 'configure', 'deploy', 'record', 'check'],
    ]);
  });
});

test('the dotenv report and the JSON summary are written, also by a failed run', async () => {
  using clone = aClone(origin, 20);
  const argv = ['review', 'start', '--dotenv', 'my.env', '--facts', 'my.json'];
  await runProgram({ argv, cwd: clone.folder, env: job('facts', { CI_ENVIRONMENT_NAME: 'review/facts' }) });
  const commit = clone.git('rev-parse', 'HEAD');
  expect(readFileSync(join(clone.folder, 'my.env'), 'utf8')).toBe(
    `DYNAMIC_ENVIRONMENT_URL=http://facts.localhost:${sandbox.webPort}\nDOKKU_DEPLOY_APP=facts\nDOKKU_DEPLOY_ENVIRONMENT=review/facts\nDOKKU_DEPLOY_COMMIT=${commit}\nDOKKU_DEPLOY_EXIT_CODE=0\n`,
  );
  sandbox.faults.inject(/^config:export/, { kind: 'answer', exit: 1, stderr: ' !     out of order\n' });
  const failed = await runProgram({ argv, cwd: clone.folder, env: job('facts') });
  expect(failed.exit).toBe(4);
  expect(readFileSync(join(clone.folder, 'my.env'), 'utf8')).toContain('DOKKU_DEPLOY_EXIT_CODE=4\n');
  expect(JSON.parse(readFileSync(join(clone.folder, 'my.json'), 'utf8'))).toMatchObject({
    exitCode: 4,
    error: { code: 'host-refused' },
  });
});
