import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  repository = aRepository();
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const run = (argv: readonly string[], cwd: string, more: Record<string, string> = {}) =>
  runProgram({
    argv,
    cwd,
    env: {
      ...sandbox.env,
      CI_COMMIT_REF_NAME: 'main',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      CI_PROJECT_NAME: 'shop',
      CI_JOB_URL: 'https://gitlab.example.com/group/shop/-/jobs/17',
      GITLAB_USER_NAME: 'Zoé Martin',
      ...more,
    },
  });

const deploy = (environment: string): Promise<ProgramResult> =>
  run(['deploy', environment], repository.folder);

/** Lists the releases of an environment, without a checkout. */
const list = async (environment: string): Promise<unknown[]> => {
  using empty = aFolder();
  const { exit, stdout, stderr } = await run(['releases', environment, '--format', 'json'], empty.folder);
  expect(exit, stderr).toBe(0);
  return (JSON.parse(stdout) as { releases: unknown[] }).releases;
};

const migrating = (command: string): string => JSON.stringify({ scripts: { dokku: { predeploy: command } } });

describe('releases', () => {
  test('lists what was deployed, how it ended, which scripts it ran, by whom, and what runs', async () => {
    const first = repository.commit({ 'index.html': 'one' });
    await deploy('staging');
    const second = repository.commit({ 'app.json': migrating('echo migrated') });
    await deploy('staging');
    const third = repository.commit({ 'app.json': migrating('exit 1') });
    expect((await deploy('staging')).exit).toBe(4);
    const env = parseEnv(sandbox.state.apps.get('shop-staging')?.envFile ?? '');
    expect(await list('staging')).toMatchObject([
      {
        ...{ number: 3, commit: third, revision: env.get('GIT_REV'), outcome: 'release-failed' },
        ...{ scripts: ['predeploy'], running: false },
      },
      {
        ...{ number: 2, commit: second, revision: env.get('DOKKU_DEPLOY_REVISION'), outcome: 'deployed' },
        ...{ scripts: ['predeploy'], running: true, user: 'Zoé Martin' },
        job: 'https://gitlab.example.com/group/shop/-/jobs/17',
      },
      { number: 1, commit: first, outcome: 'deployed', scripts: [], running: false },
    ]);
  });

  test('prints a line for each release, and names what it did not deploy itself', async () => {
    using empty = aFolder();
    const { stdout } = await run(['releases', 'staging'], empty.folder);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^Releases of shop-staging on dokku@127\.0\.0\.1:\d+: 3, the newest first$/),
      expect.stringMatching(
        /^ {2}3 {2}[0-9a-f]{8} {2}\S+ \S+ UTC {2}release-failed {2,}by Zoé Martin, https/,
      ),
      expect.stringMatching(/^ {2}2 {2}[0-9a-f]{8} {2}\S+ \S+ UTC {2}running {2,}by Zoé Martin/),
      expect.stringMatching(/^ {2}1 {2}[0-9a-f]{8} {2}\S+ \S+ UTC {2}deployed/),
      '',
    ]);
    sandbox.state.apps.get('shop-staging')?.properties.set('deploy-source-metadata', 'f'.repeat(40));
    const { stdout: later } = await run(['releases', 'staging'], empty.folder);
    expect(later).toContain('Running: ffffffff, which dokku-deploy did not record\n');
  });

  test('adds nothing for a commit that already runs, and a release for a rebuild', async () => {
    repository.commit({ 'app.json': migrating('true') });
    await deploy('again');
    await deploy('again');
    expect(await list('again')).toHaveLength(1);
    await run(['deploy', 'again', '--rebuild'], repository.folder);
    expect(await list('again')).toMatchObject([{ number: 2 }, { number: 1 }]);
  });

  test('keeps none for a review app', async () => {
    await run(['review', 'start'], repository.folder, {
      CI_COMMIT_REF_NAME: 'fix',
      CI_COMMIT_REF_SLUG: 'fix',
    });
    expect(sandbox.state.apps.get('fix')?.envFile).toContain('DOKKU_DEPLOY_COMMIT=');
    expect(sandbox.state.apps.get('fix')?.envFile).not.toContain('DOKKU_DEPLOY_RELEASES');
  });

  test('treats an unreadable list as none, and the next deploy starts a new one', async () => {
    await deploy('damaged');
    const app = sandbox.state.apps.get('shop-damaged');
    if (!app) throw new Error('the app does not exist');
    app.envFile = app.envFile.replace(/^(export )?DOKKU_DEPLOY_RELEASES=.*$/m, 'DOKKU_DEPLOY_RELEASES="[{]"');
    expect(await list('damaged')).toEqual([
      expect.objectContaining({ number: 1, outcome: 'deployed', running: true }),
    ]);
    repository.commit({ 'index.html': 'after the damage' });
    expect((await deploy('damaged')).exit).toBe(0);
    expect(await list('damaged')).toMatchObject([{ number: 2, running: true }, { number: 1 }]);
  });

  test('refuses the app of another project or environment, and a missing one, by name', async () => {
    using empty = aFolder();
    const foreign = await run(['releases', 'staging'], empty.folder, { CI_PROJECT_ID: '43' });
    expect([foreign.exit, foreign.stderr]).toEqual([4, expect.stringContaining('of the project group/shop')]);
    const missing = await run(['releases', 'nowhere'], empty.folder);
    expect([missing.exit, missing.stderr]).toEqual([
      4,
      expect.stringContaining('There is no app shop-nowhere on the host'),
    ]);
  });
});
