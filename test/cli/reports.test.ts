import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aFreshProject } from '../support/fresh-project.ts';
import { readJunit } from '../support/junit.ts';
import { runProgram } from '../support/world.ts';

const project = aFreshProject({ 'index.html': 'hello' });

const job = (slug: string, more: Readonly<Record<string, string>> = {}) => ({
  ...project.sandbox.env,
  GITLAB_CI: 'true',
  CI_COMMIT_REF_NAME: slug,
  CI_COMMIT_REF_SLUG: slug,
  CI_PROJECT_ID: '42',
  CI_PROJECT_PATH: 'group/shop',
  CI_PROJECT_NAME: 'shop',
  CI_PROJECT_URL: 'https://gitlab.example.com/group/shop',
  ...more,
});

const run = (argv: readonly string[], env: Readonly<Record<string, string>>) =>
  runProgram({ argv, cwd: project.repository.folder, env });
const read = (name: string) => readFileSync(join(project.repository.folder, name), 'utf8');

test('a deploy leaves links and test cases for GitLab, without a token', async () => {
  const { exit, stderr } = await run(['review', 'start'], job('fix', { CI_MERGE_REQUEST_IID: '7' }));
  expect([exit, stderr.includes('Warning')]).toEqual([0, false]);
  const links = JSON.parse(read('dokku-deploy-links.json'))['dokku-deploy'] as readonly {
    readonly external_link: { readonly url: string };
  }[];
  expect(links.map(({ external_link: { url } }) => url)).toEqual(
    expect.arrayContaining([
      `http://fix.localhost:${project.sandbox.webPort}`,
      'https://gitlab.example.com/group/shop/-/merge_requests/7',
    ]),
  );
  const cases = readJunit(read('dokku-deploy-junit.xml'));
  expect(cases.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  expect(cases.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Create the app $APP', 'Deploy $COMMIT to $APP', 'Check that $APP answers']),
  );
});

test('a failed migration is a failed test case that quotes it, and the deploy is too', async () => {
  project.repository.commit({
    'app.json': '{"scripts": {"dokku": {"predeploy": "echo no such table; exit 3"}}}',
  });
  expect((await run(['review', 'start'], job('migrate'))).exit).toBe(4);
  const failed = readJunit(read('dokku-deploy-junit.xml')).filter(({ outcome }) => outcome === 'failed');
  expect(failed.map(({ suite, name }) => [suite, name])).toEqual([
    ['dokku-deploy: steps', 'Deploy $COMMIT to $APP'],
    ['dokku-deploy: scripts', 'predeploy'],
  ]);
  for (const { text } of failed) expect(text).toContain('no such table');
});

test('a refused configuration is a failed test case', async () => {
  const { exit } = await run(['review', 'start'], job('refused', { DOKKU_HOST: 'http://[' }));
  expect(exit).toBe(2);
  expect(readJunit(read('dokku-deploy-junit.xml'))).toEqual([
    expect.objectContaining({ outcome: 'failed', text: expect.stringContaining('DOKKU_HOST') }),
  ]);
});

test('a dry run leaves no files', async () => {
  expect((await run(['review', 'start', '--dry-run'], job('dry'))).exit).toBe(0);
  for (const name of ['dokku-deploy-links.json', 'dokku-deploy-junit.xml'])
    expect(existsSync(join(project.repository.folder, name))).toBe(false);
});

describe('the numbers of a plan', () => {
  const numbers = () => JSON.parse(read('plan.json'));
  const plan = (slug: string, ...argv: readonly string[]) =>
    run([...argv, '--dry-run', '--report', 'terraform=plan.json'], job(slug, { CI_ENVIRONMENT_NAME: slug }));

  test('say what a deploy creates, updates and deletes, and nothing is changed', async () => {
    project.repository.commit({
      '.dokku-deploy.yml': 'services: [postgres]\nenv: {RAILS_ENV: production}\n',
    });
    const commands = project.sandbox.journal.commands.length;
    expect((await plan('staging', 'deploy', 'staging')).exit).toBe(0);
    // The app and its database; the configuration, the link and the deploy.
    expect(numbers()).toEqual({ create: 2, update: 3, delete: 0 });
    const asked = project.sandbox.journal.commands.slice(commands).map(({ line }) => line);
    expect(asked.filter((line) => /create|config:(set|import)|link /.test(line))).toEqual([]);
  });

  test('count what review stop removes', async () => {
    project.repository.commit({ '.dokku-deploy.yml': 'services: [postgres]\n' });
    expect((await run(['review', 'start'], job('gone'))).exit).toBe(0);
    expect((await plan('gone', 'review', 'stop')).exit).toBe(0);
    expect(numbers()).toMatchObject({ create: 0, delete: 2 });
  });

  test('never replace another file', async () => {
    writeFileSync(join(project.repository.folder, 'plan.json'), '{"mine": true}');
    const { exit, stderr } = await plan('other', 'deploy', 'other');
    expect([exit, numbers()]).toEqual([0, { mine: true }]);
    expect(stderr).toContain('plan.json: not written: a file with this name exists');
  });

  test.each([
    [['--report', 'terraform=x'], /--report requires --dry-run/],
    [['--dry-run', '--report', 'junit=x'], /--report: "junit=x" is not a report/],
  ])('need %j to be right', async (argv, message) => {
    const { exit, stderr } = await run(['deploy', ...argv], job('usage'));
    expect([exit, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

test('a job that is skipped says why, contacts no host, needs no key, and leaves the files', async () => {
  const before = project.sandbox.journal.commands.length;
  const fork = {
    GITLAB_CI: 'true',
    CI_MERGE_REQUEST_PROJECT_ID: '7',
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '8',
  };
  const { exit, stdout, stderr } = await run(['review', 'start', '--skip', 'drafts,forks'], fork);
  expect([exit, stdout, project.sandbox.journal.commands.length]).toEqual([0, '', before]);
  expect(stderr).toMatch(/^Note: Skipped: the merge request is from a fork \(--skip forks\)\.\n.*Done/);
  const summary = JSON.parse(read('deploy.json'));
  expect([summary.exitCode, summary.skipped]).toEqual([0, 'the merge request is from a fork (--skip forks)']);
  expect(readJunit(read('dokku-deploy-junit.xml')).map(({ outcome }) => outcome)).toEqual(['passed']);
  expect(read('dokku-deploy.env')).not.toContain('URL');
  const wrong = await run(['review', 'start', '--skip', 'draft'], fork);
  expect([wrong.exit, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('--skip: "draft" is not something to skip'),
  ]);
});
