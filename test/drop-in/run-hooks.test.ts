import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OfficialJobs, officialJobs } from '../support/official-job.ts';

let jobs: OfficialJobs;

beforeEach(async () => {
  jobs = await officialJobs();
});

afterEach(() => jobs[Symbol.asyncDispose]());

const read = (name: string) => readFileSync(join(jobs.repository.folder, name), 'utf8');

/** Commits hooks of these names with these lines of shell. */
const commitHooks = (hooks: Readonly<Record<string, string>>) =>
  jobs.repository.commit(
    Object.fromEntries(
      Object.entries(hooks).map(([name, lines]) => [`bin/ci-${name}`, `#!/bin/sh\nset -e\n${lines}\n`]),
    ),
  );

/** Writes its variables to a file that git ignores. */
const dump = (name: string) => `env > .git/${name}`;
const dumped = (name: string) =>
  new Map(
    read(`.git/${name}`)
      .split('\n')
      .map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );

describe('the hooks of a deploy', () => {
  test('run before and after it, with their variables and without the secrets of the job', async () => {
    commitHooks({ 'pre-deploy': dump('pre'), 'post-deploy': dump('post') });
    const { exit, stderr } = await jobs.run({
      API_TOKEN: 'only-by-name',
      OTHER_TOKEN: 'not-for-hooks',
      CI_JOB_TOKEN: 'nor-this-one',
      DOKKU_DEPLOY_HOOK_VARIABLES: 'API_TOKEN, MISSING',
      GITHUB_SHA: jobs.repository.git('rev-parse', 'HEAD'),
    });
    expect(exit).toBe(0);
    expect(stderr).toMatch(
      /Running bin\/ci-pre-deploy[\s\S]*Application deployed[\s\S]*Running bin\/ci-post-deploy/,
    );
    for (const name of ['pre', 'post']) {
      const env = dumped(name);
      expect(Object.fromEntries([...env].filter(([key]) => /^(APP|IS|SSH|API)_/.test(key)))).toEqual({
        APP_NAME: 'shop',
        IS_REVIEW_APP: 'false',
        IS_REVIEW_APP_CREATE: 'false',
        SSH_REMOTE: jobs.remote('').replace(/\/$/, ''),
        SSH_HOST_KEY: expect.any(String),
        API_TOKEN: 'only-by-name',
      });
      expect(env.get('GITHUB_SHA')).toMatch(/^[0-9a-f]{40}$/);
      const text = read(`.git/${name}`);
      for (const secret of ['PRIVATE KEY', 'not-for-hooks', 'nor-this-one'])
        expect(text).not.toContain(secret);
    }
  });

  test('reach the host with ssh, for a review app that the job has just created, without the key', async () => {
    commitHooks({
      'pre-deploy':
        'ssh "$SSH_REMOTE" -- config:set --no-restart "$APP_NAME" "DOMAIN=$APP_NAME.dokku.me" GREETING=hello\n' +
        'ssh "$SSH_REMOTE" apps:exists nothing || echo "ended with $?"',
      'post-deploy': 'echo "it is $(ssh "$SSH_REMOTE" -- config:get "$APP_NAME" GREETING)"',
    });
    await jobs.dokku('apps:create shop');
    const { exit, stderr } = await jobs.run({ COMMAND: 'review-apps:create', CI_COMMIT_REF_NAME: 'fix' });
    expect(exit).toBe(0);
    expect(stderr).toContain('ended with 20');
    expect(stderr).toContain('it is hello');
    expect(await jobs.dokku('config:get review-shop-fix DOMAIN')).toBe('review-shop-fix.dokku.me\n');
  });

  test('reach it from a login shell, too, whatever the profile of the machine sets PATH to', async () => {
    jobs.repository.commit({
      'bin/ci-pre-deploy': '#!/bin/sh -l\nssh "$SSH_REMOTE" -- apps:list && echo "$0"\n',
    });
    const { exit, stderr } = await jobs.run({});
    expect([exit, stderr]).toEqual([0, expect.stringContaining('=====> My Apps')]);
    expect(stderr).toContain(`${jobs.repository.folder}/bin/ci-pre-deploy\n`);
  });

  test('end with the job when it is stopped, and nothing is deployed', async () => {
    commitHooks({ 'pre-deploy': 'echo $$ > .git/started; exec sleep 60', 'post-deploy': dump('post') });
    const stop = new AbortController();
    const running = jobs.run({}, { stop: stop.signal });
    const started = join(jobs.repository.folder, '.git/started');
    await vi.waitFor(() => expect(read('.git/started')).toMatch(/^\d+\n$/), {
      timeout: 30_000,
      interval: 20,
    });
    jobs.commands();
    stop.abort('SIGTERM');
    expect((await running).exit).toBe(143);
    expect(existsSync(`/proc/${readFileSync(started, 'utf8').trim()}`)).toBe(false);
    expect(jobs.commands().filter((line) => /receive-pack/.test(line))).toEqual([]);
    expect(existsSync(join(jobs.repository.folder, '.git/post'))).toBe(false);
  });

  test('leave the app as it is if the first one fails', async () => {
    await jobs.run({});
    commitHooks({ 'pre-deploy': 'echo "no, not today"; exit 7', 'post-deploy': dump('post') });
    jobs.commands();
    const { exit, stderr } = await jobs.run({});
    expect([exit, stderr]).toEqual([4, expect.stringContaining('bin/ci-pre-deploy ended with exit code 7')]);
    expect(stderr).toContain('no, not today');
    expect(jobs.commands().filter((line) => /receive-pack|config:(set|import)/.test(line))).toEqual([]);
    expect(existsSync(join(jobs.repository.folder, '.git/post'))).toBe(false);
  });

  test('can name another commit to deploy', async () => {
    const first = jobs.repository.commit({ 'index.html': 'the first' });
    jobs.repository.commit({ 'index.html': 'the second' });
    commitHooks({ 'pre-deploy': `echo ${first} > ci-commit-override` });
    const { exit, stderr } = await jobs.run({});
    expect([exit, stderr]).toEqual([0, expect.stringContaining(`The commit is ${first}`)]);
    expect(await jobs.dokku('config:get shop DOKKU_DEPLOY_COMMIT')).toBe(`${first}\n`);
  });

  test('are not run by a dry run', async () => {
    commitHooks({ 'pre-deploy': dump('pre') });
    const { exit, stderr } = await jobs.run({ GIT_PUSH_FLAGS: '--dry-run' });
    expect([exit, stderr]).toEqual([0, expect.stringContaining('not run: this is a dry run')]);
    expect(existsSync(join(jobs.repository.folder, '.git/pre'))).toBe(false);
  });

  test.each(['SSH_PRIVATE_KEY', 'DOKKU_GATE_KEY', 'DOKKU_GATE_TOKEN'])(
    'do not get %s, even if the job asks for it',
    async (name) => {
      commitHooks({ 'pre-deploy': dump('pre') });
      const { exit, stderr } = await jobs.run({ DOKKU_DEPLOY_HOOK_VARIABLES: name });
      expect([exit, stderr]).toEqual([2, expect.stringContaining(`${name} is not passed to hooks`)]);
    },
  );

  test('reach no other host', async () => {
    commitHooks({ 'pre-deploy': 'ssh dokku@other.example.com version' });
    const { exit, stderr } = await jobs.run({});
    expect([exit, stderr]).toEqual([4, expect.stringContaining('a hook reaches only the host of the job')]);
  });

  test('whose changes of the configuration reach a running app whose commit is the same', async () => {
    commitHooks({ 'pre-deploy': 'ssh "$SSH_REMOTE" -- config:set --no-restart "$APP_NAME" GREETING=hi' });
    expect((await jobs.run({})).exit).toBe(0);
    writeFileSync(join(jobs.repository.folder, '.dokku-deploy.yml'), 'env: {COLOUR: blue}\n');
    jobs.commands();
    expect((await jobs.run({})).exit).toBe(0);
    expect(jobs.commands().some((line) => /ps:rebuild|receive-pack/.test(line))).toBe(true);
    expect(await jobs.dokku('config:get shop COLOUR')).toBe('blue\n');
  });
});

describe('the file ci-commit-override', () => {
  test.each(['', ' \n', '--all', 'main:other'])(
    'with %j is refused before anything is sent',
    async (text) => {
      writeFileSync(join(jobs.repository.folder, 'ci-commit-override'), text);
      const { exit, stderr } = await jobs.run({});
      expect([exit, stderr]).toEqual([2, expect.stringContaining('ci-commit-override: ')]);
      expect(jobs.commands().filter((line) => line.includes('receive-pack'))).toEqual([]);
    },
  );
});

test('the hooks of a review app’s end run before and after its removal', async () => {
  const job = { CI_COMMIT_REF_NAME: 'fix', CI_PROJECT_PATH: 'group/shop' };
  await jobs.dokku('apps:create shop');
  await jobs.run({ ...job, COMMAND: 'review-apps:create' });
  commitHooks({
    'pre-review-app-destroy':
      'ssh "$SSH_REMOTE" -- apps:exists "$APP_NAME" && echo "still there: $IS_REVIEW_APP"',
    'post-review-app-destroy': 'ssh "$SSH_REMOTE" -- apps:exists "$APP_NAME" || echo "gone: $APP_NAME"',
  });
  const { exit, stderr } = await jobs.run({ ...job, COMMAND: 'review-apps:destroy' });
  expect([exit, stderr]).toEqual([0, expect.stringMatching(/still there: true[\s\S]*gone: review-shop-fix/)]);
});
