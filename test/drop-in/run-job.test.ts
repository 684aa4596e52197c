import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { ciSystems } from '../../src/drop-in/ci-systems.ts';
import { type OfficialJobs, officialJobs } from '../support/official-job.ts';
import { aFolder } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let jobs: OfficialJobs;

beforeAll(async () => {
  jobs = await officialJobs();
});

afterAll(() => jobs[Symbol.asyncDispose]());

const configOf = (app: string) => parseEnv(jobs.sandbox.state.apps.get(app)?.envFile ?? '');

const gitlab = {
  GITLAB_CI: 'true',
  CI_PROJECT_PATH: 'group/shop',
  CI_PROJECT_ID: '42',
  CI_COMMIT_REF_NAME: 'fix',
};

describe('a job without arguments', () => {
  test('deploys the commit to the app of GIT_REMOTE_URL, and logs what it runs', async () => {
    const { exit, stderr, stdout } = await jobs.run(gitlab);
    expect([exit, stdout]).toEqual([0, `http://shop.localhost:${jobs.sandbox.webPort}\n`]);
    expect(stderr).toContain('It runs: dokku-deploy deploy --app shop');
    expect(stderr).toContain('branch fix (CI_COMMIT_REF_NAME), commit of the checkout');
  });

  test('without variables of the official image prints the usage, as ever', async () => {
    const { exit, stderr, stdout } = await jobs.run({ GIT_REMOTE_URL: undefined });
    expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining('Usage: dokku-deploy')]);
  });

  test('reports everything that is wrong with its variables at once, and sends nothing', async () => {
    jobs.commands();
    const { exit, stderr } = await jobs.run({
      GIT_REMOTE_URL: 'https://dokku.example.com/shop',
      COMMAND: 'destroy',
      GIT_PUSH_FLAGS: '--mirror',
      SSH_HOST_KEY: undefined,
    });
    expect([exit, jobs.commands()]).toEqual([2, []]);
    for (const name of ['GIT_REMOTE_URL', 'COMMAND', 'GIT_PUSH_FLAGS', 'SSH_HOST_KEY'])
      expect(stderr).toContain(`  | ${name}: `);
  });

  test('finds the checkout that the CI system names if it starts elsewhere', async () => {
    using elsewhere = aFolder();
    const { exit, stderr } = await jobs.run(
      {
        GITHUB_WORKSPACE: jobs.repository.folder,
        GITHUB_REF: 'refs/heads/fix',
        GITHUB_REPOSITORY: 'group/shop',
      },
      { cwd: elsewhere.folder },
    );
    expect([exit, stderr]).toEqual([0, expect.stringContaining(`checkout ${jobs.repository.folder}`)]);
  });
});

test.each(ciSystems.map((system) => [system.name, system] as const))(
  'in %s, the app belongs to the project, and the log shows where the branch and the commit are from',
  async (_, { branch, commit, project }) => {
    const head = jobs.repository.git('rev-parse', 'HEAD');
    const [owner, name = owner] = project;
    const { exit, stderr } = await jobs.run({
      [branch]: 'main',
      [commit]: head,
      [owner ?? '']: project.length === 2 ? 'group' : 'group/shop',
      ...(project.length === 2 ? { [name ?? '']: 'shop' } : {}),
    });
    expect([exit, stderr]).toEqual([
      0,
      expect.stringContaining(`branch main (${branch}), commit ${head.slice(0, 12)} (${commit})`),
    ]);
  },
);

test('the app of another project is refused, with its owner', async () => {
  const { exit, stderr } = await jobs.run({ CI_PROJECT_PATH: 'group/other' });
  expect([exit, stderr]).toEqual([4, expect.stringContaining('group/shop')]);
});

describe('a review app', () => {
  const review = (command: string, more: Readonly<Record<string, string>> = {}) =>
    jobs.run({ ...gitlab, COMMAND: `review-apps:${command}`, ...more });

  test('is created with its own marker, and destroyed', async () => {
    const created = await review('create');
    expect([created.exit, created.stdout]).toEqual([0, expect.stringContaining('review-shop-fix')]);
    expect(jobs.sandbox.state.apps.has('review-shop-fix')).toBe(true);
    const destroyed = await review('destroy');
    expect([destroyed.exit, jobs.sandbox.state.apps.has('review-shop-fix')]).toEqual([0, false]);
  });

  test('that the official image made has no marker, and is never destroyed or replaced', async () => {
    await jobs.dokku('apps:create review-shop-old');
    await jobs.dokku(
      'config:set --no-restart review-shop-old DATABASE_URL=mysql://u:secret1@db.example.com/shop',
    );
    const before = configOf('review-shop-old');
    for (const command of ['create', 'destroy']) {
      const { exit, stderr } = await review(command, { REVIEW_APP_NAME: 'review-shop-old' });
      expect([exit, stderr]).toEqual([4, expect.stringContaining('app-not-ours')]);
    }
    expect(configOf('review-shop-old')).toEqual(before);
  });

  test('that the official image made is adopted on request, but not with the database of its parent', async () => {
    const adopt = () =>
      runProgram({
        argv: ['review', 'start', '--app', 'review-shop-fix', '--take-over'],
        cwd: jobs.repository.folder,
        env: { ...jobs.sandbox.env, ...gitlab },
      });
    await jobs.dokku('apps:create review-shop-fix');
    await jobs.dokku(
      'config:set --no-restart review-shop-fix DATABASE_URL=mysql://mysql:pw@dokku-mysql-shop-db:3306/shop_db',
    );
    const refused = await adopt();
    expect([refused.exit, refused.stderr]).toEqual([
      4,
      expect.stringContaining('dokku mysql:unlink shop-db review-shop-fix'),
    ]);
    await jobs.dokku('config:unset --no-restart review-shop-fix DATABASE_URL');
    await jobs.dokku('config:set --no-restart review-shop-fix GREETING=hello');
    const { exit, stderr } = await adopt();
    expect([exit, stderr]).toEqual([0, expect.stringContaining('review-shop-fix is taken over')]);
    expect(configOf('review-shop-fix').get('GREETING')).toBe('hello');
    expect((await review('destroy')).exit).toBe(0);
    expect(jobs.sandbox.state.apps.has('review-shop-fix')).toBe(false);
  });

  test('of another branch is not destroyed, whatever REVIEW_APP_NAME is', async () => {
    expect((await review('create', { CI_COMMIT_REF_NAME: 'other', REVIEW_APP_NAME: 'preview' })).exit).toBe(
      0,
    );
    expect((await review('destroy', { REVIEW_APP_NAME: 'preview' })).exit).toBe(4);
    expect(jobs.sandbox.state.apps.has('preview')).toBe(true);
  });

  test('is not searched under other names: another app of the project may have one of the same branch', async () => {
    const api = { GIT_REMOTE_URL: jobs.remote('api') };
    await jobs.dokku('apps:create api');
    for (const more of [{}, api]) expect((await review('create', more)).exit).toBe(0);
    const exits = [];
    for (let time = 0; time < 2; time += 1) exits.push((await review('destroy', api)).exit);
    expect(exits).toEqual([0, 0]);
    const left = ['review-shop-fix', 'review-api-fix'].map((app) => jobs.sandbox.state.apps.has(app));
    expect(left).toEqual([true, false]);
  });

  test.each(['create', 'destroy'])(
    'named like the app of GIT_REMOTE_URL is refused by %s',
    async (command) => {
      const { exit, stderr } = await review(command, { REVIEW_APP_NAME: 'shop' });
      expect([exit, stderr]).toEqual([2, expect.stringContaining('REVIEW_APP_NAME: "shop" is the app of')]);
    },
  );
});
