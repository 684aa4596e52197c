import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aHttpServer } from '../support/http.ts';
import {
  aLocalPipeline,
  type LocalPipeline,
  npmEnvironment,
  npmVariables,
} from '../support/local-pipeline.ts';
import { fetchPage } from '../support/page.ts';
import { copyHelperImage, makeRunnerImages, waitHelperImage } from '../support/runner-images.ts';
import { aMailHost } from '../support/smtp.ts';

const root = new URL('../../', import.meta.url).pathname;

let sandbox: Sandbox;

beforeAll(async () => {
  await makeRunnerImages();
  sandbox = await startSandbox({
    services: ['postgres', 'mysql'],
    path: `${dirname(process.execPath)}:${process.env.PATH}`,
    buildEnv: { ...npmEnvironment(), HOME: process.env.HOME ?? '/' },
  });
});

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
});

/** The example's pipeline, with each job in the image that it names, on the machine's network. */
const inContainers = (example: string, variables: Readonly<Record<string, string>> = {}): LocalPipeline =>
  aLocalPipeline({
    example,
    variables: { ...npmVariables(), ...sandbox.env, ...variables },
    words: ['--helper-image', copyHelperImage, '--network', 'host'],
  });

/** The same on a network for the job and its services. */
const besideServices = (example: string): LocalPipeline =>
  aLocalPipeline({
    example,
    variables: {},
    words: ['--helper-image', copyHelperImage, '--wait-image', waitHelperImage],
  });

/** The example's pipeline, with each job on the machine itself, which has the binary. */
const onMachine = (example: string): LocalPipeline =>
  aLocalPipeline({
    example,
    variables: sandbox.env,
    words: ['--force-shell-executor'],
    binary: join(root, 'dist/dokku-deploy'),
  });

const pageAt = (app: string): Promise<string> => fetchPage(`http://${app}.localhost:${sandbox.webPort}/`);
const services = (plugin: string): string[] => [...(sandbox.state.services.get(plugin)?.keys() ?? [])].sort();
const apps = (): string[] => [...sandbox.state.apps.keys()].sort();

const expectSuccess = ({ exit, output }: { exit: number | null; output: string }): void =>
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);

test('static site: a branch has a review app until it is stopped, and the main branch is deployed as the site', async () => {
  using pipeline = inContainers('static-site');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'new-words');
  project.commit({ 'www/index.html': '<h1>new words</h1>' });
  expectSuccess(await run());
  expect(apps()).toEqual(['new-words']);
  expect(await pageAt('new-words')).toContain('new words');
  expectSuccess(await run('stop_review'));
  expect(apps()).toEqual([]);
  project.git('checkout', '--quiet', 'main');
  expectSuccess(await run());
  expect(await pageAt('static-site')).not.toContain('new words');
});

const mergeRequest = Object.entries({
  CI_PIPELINE_SOURCE: 'merge_request_event',
  CI_MERGE_REQUEST_IID: '4',
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'say-more',
}).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);

test('merge requests with the component: test, review app, stop; then automatic staging and manual production', async () => {
  using pipeline = inContainers('merge-requests');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'say-more');
  project.commit({ 'page.js': "exports.page = () => 'Bye';\n" });
  expect([(await run(...mergeRequest)).exit, apps()]).toEqual([1, ['static-site']]);
  project.git('revert', '--no-edit', 'HEAD');
  expectSuccess(await run(...mergeRequest));
  expect(await pageAt('say-more')).toContain('Hello');
  expectSuccess(await run(...mergeRequest, 'stop_review'));
  expect(apps()).toEqual(['static-site']);
  project.git('checkout', '--quiet', 'main');
  expectSuccess(await run());
  expect(apps()).toEqual(['merge-requests-staging', 'static-site']);
  expectSuccess(await run('production'));
  expect(await pageAt('merge-requests')).toContain('Hello');
});

test('Node and Postgres: a migrated database for each branch, then automatic staging and manual production', async () => {
  using pipeline = inContainers('node-postgres');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'greet');
  expectSuccess(await run());
  expect(services('postgres')).toEqual(['greet-database']);
  expect(await pageAt('greet')).toContain('migration 001');
  expectSuccess(await run('stop_review'));
  expect(services('postgres')).toEqual([]);
  project.git('checkout', '--quiet', 'main');
  expectSuccess(await run());
  expect(apps()).toContain('node-postgres-staging');
  expect(apps()).not.toContain('node-postgres');
  expect(await pageAt('node-postgres-staging')).toContain('migration 001');
  expectSuccess(await run('production'));
  expect(await pageAt('node-postgres')).toContain('migration 001');
  expect(services('postgres')).toEqual(['node-postgres-database', 'node-postgres-staging-database']);
});

test('Rails and MySQL: the tests use a database from a CI service', async () => {
  using pipeline = besideServices('rails-mysql');
  const { exit, output } = await pipeline.run('test');
  expect([exit, output]).toEqual([0, expect.stringContaining('2 runs, 3 assertions, 0 failures, 0 errors')]);
});

test('Rails and MySQL: a migrated database for each branch, then staging and production, with notifications', async () => {
  await using chat = await aHttpServer(() => ({ body: 'ok' }));
  await using mail = await aMailHost();
  using pipeline = inContainers('rails-mysql', {
    SLACK_WEBHOOK_URL: `${chat.url}/services/T0/B0/hook`,
    SMTP_URL: `smtp://127.0.0.1:${mail.port}?ignoreTLS=true`,
    NOTIFY_EMAIL: 'team@example.com',
  });
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'notes');
  expectSuccess(await run('review'));
  expect(services('mysql')).toEqual(['notes-database']);
  expect(await pageAt('notes')).toContain('Ça marche');
  expectSuccess(await run('stop_review'));
  expect(services('mysql')).toEqual([]);
  expect([chat.received, mail.mails]).toEqual([[], []]);
  project.git('checkout', '--quiet', 'main');
  expectSuccess(await run('staging'));
  expect(await pageAt('rails-mysql-staging')).toContain('Ça marche');
  expectSuccess(await run('production'));
  expect(await pageAt('rails-mysql')).toContain('Ça marche');
  expect(services('mysql')).toEqual(['rails-mysql-database', 'rails-mysql-staging-database']);
  expect(chat.received.map(({ body }) => body)).toEqual([
    expect.stringContaining('staging'),
    expect.stringContaining('production'),
  ]);
  expect(mail.mails.map(({ to }) => to)).toEqual([['team@example.com'], ['team@example.com']]);
});

test('shell executor: the binary on the PATH deploys and stops', async () => {
  using pipeline = onMachine('shell-executor');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'by-shell');
  project.commit({});
  expectSuccess(await run());
  expect(await pageAt('by-shell')).not.toBe('');
  expectSuccess(await run('stop_review'));
  expect(apps()).not.toContain('by-shell');
  project.git('checkout', '--quiet', 'main');
  expectSuccess(await run('production'));
  expect(await pageAt('shell-executor')).not.toBe('');
});

test('front end: a folder that a job in another image builds is deployed for a branch, to staging and to production', async () => {
  using pipeline = inContainers('front-end');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'built');
  expectSuccess(await run());
  expect(await pageAt('built')).toContain('Built by an earlier job');
  expectSuccess(await run('stop_review'));
  expect(apps()).not.toContain('built');
  project.git('checkout', '--quiet', 'main');
  expectSuccess(await run());
  expect(await pageAt('front-end-staging')).toContain('Built by an earlier job');
  expectSuccess(await run('build', 'production'));
  expect(await pageAt('front-end')).toContain('Built by an earlier job');
});

test('monorepo: a push to the main branch deploys the folders that it changes', async () => {
  using pipeline = inContainers('monorepo');
  const { project, run } = pipeline;
  project.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  project.commit({ 'apps/web/package.json': '{"scripts": {"start": "node server.js"}, "private": true}' });
  expectSuccess(await run());
  expect(await pageAt('monorepo-web')).toBe('Hello from the web');
  expect(apps()).not.toContain('monorepo-api');
});
