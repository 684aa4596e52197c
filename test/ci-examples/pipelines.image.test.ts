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

/** The example's pipeline, each job in the image that it names, on the machine's own network. */
const inContainers = (example: string, variables: Readonly<Record<string, string>> = {}): LocalPipeline =>
  aLocalPipeline({
    example,
    variables: { ...npmVariables(), ...sandbox.env, ...variables },
    words: ['--helper-image', copyHelperImage, '--network', 'host'],
  });

/** The same on a network of the job's own, where its services are. */
const besideServices = (example: string): LocalPipeline =>
  aLocalPipeline({
    example,
    variables: {},
    words: ['--helper-image', copyHelperImage, '--wait-image', waitHelperImage],
  });

/** The example's pipeline, each job on the machine itself, which has the binary. */
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

const done = ({ exit, output }: { exit: number | null; output: string }): void =>
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);

test('a static site: a branch has a review app until it is stopped, and the main branch is the site', async () => {
  using pipeline = inContainers('static-site');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'new-words');
  project.commit({ 'www/index.html': '<h1>new words</h1>' });
  done(await run());
  expect(apps()).toEqual(['new-words']);
  expect(await pageAt('new-words')).toContain('new words');
  done(await run('stop_review'));
  expect(apps()).toEqual([]);
  project.git('checkout', '--quiet', 'main');
  done(await run());
  expect(await pageAt('static-site')).not.toContain('new words');
});

const mergeRequest = Object.entries({
  CI_PIPELINE_SOURCE: 'merge_request_event',
  CI_MERGE_REQUEST_IID: '4',
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'say-more',
}).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);

test('merge requests by the component: tested, reviewed, gone; staging by itself, production by its button', async () => {
  using pipeline = inContainers('merge-requests');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'say-more');
  project.commit({ 'page.js': "exports.page = () => 'Bye';\n" });
  expect([(await run(...mergeRequest)).exit, apps()]).toEqual([1, ['static-site']]);
  project.git('revert', '--no-edit', 'HEAD');
  done(await run(...mergeRequest));
  expect(await pageAt('say-more')).toContain('Hello');
  done(await run(...mergeRequest, 'stop_review'));
  expect(apps()).toEqual(['static-site']);
  project.git('checkout', '--quiet', 'main');
  done(await run());
  expect(apps()).toEqual(['hello-staging', 'static-site']);
  done(await run('production'));
  expect(await pageAt('hello')).toContain('Hello');
});

test('Node and Postgres: a migrated database for each branch, staging by itself, production by its button', async () => {
  using pipeline = inContainers('node-postgres');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'greet');
  done(await run());
  expect(services('postgres')).toEqual(['greet-database']);
  expect(await pageAt('greet')).toContain('migration 001');
  done(await run('stop_review'));
  expect(services('postgres')).toEqual([]);
  project.git('checkout', '--quiet', 'main');
  done(await run());
  expect(apps()).toContain('guestbook-staging');
  expect(apps()).not.toContain('guestbook');
  expect(await pageAt('guestbook-staging')).toContain('migration 001');
  done(await run('production'));
  expect(await pageAt('guestbook')).toContain('migration 001');
  expect(services('postgres')).toEqual(['guestbook-database', 'guestbook-staging-database']);
});

test('Rails and MySQL: the tests have a database as a service', async () => {
  using pipeline = besideServices('rails-mysql');
  const { exit, output } = await pipeline.run('test');
  expect([exit, output]).toEqual([0, expect.stringContaining('2 runs, 3 assertions, 0 failures, 0 errors')]);
});

test('Rails and MySQL: a migrated database for each branch, then staging and production, and the team is told', async () => {
  await using chat = await aHttpServer(() => ({ body: 'ok' }));
  await using mail = await aMailHost();
  using pipeline = inContainers('rails-mysql', {
    SLACK_WEBHOOK_URL: `${chat.url}/services/T0/B0/hook`,
    SMTP_URL: `smtp://127.0.0.1:${mail.port}?ignoreTLS=true`,
    NOTIFY_EMAIL: 'team@example.com',
  });
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'notes');
  done(await run('review'));
  expect(services('mysql')).toEqual(['notes-database']);
  expect(await pageAt('notes')).toContain('Ça marche');
  done(await run('stop_review'));
  expect(services('mysql')).toEqual([]);
  expect([chat.received, mail.mails]).toEqual([[], []]);
  project.git('checkout', '--quiet', 'main');
  done(await run('staging'));
  expect(await pageAt('notebook-staging')).toContain('Ça marche');
  done(await run('production'));
  expect(await pageAt('notebook')).toContain('Ça marche');
  expect(services('mysql')).toEqual(['notebook-database', 'notebook-staging-database']);
  expect(chat.received.map(({ body }) => body)).toEqual([
    expect.stringContaining('staging'),
    expect.stringContaining('production'),
  ]);
  expect(mail.mails.map(({ to }) => to)).toEqual([['team@example.com'], ['team@example.com']]);
});

test('a shell executor with the binary on its PATH does the same', async () => {
  using pipeline = onMachine('shell-executor');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'by-shell');
  project.commit({});
  done(await run());
  expect(await pageAt('by-shell')).not.toBe('');
  done(await run('stop_review'));
  expect(apps()).not.toContain('by-shell');
  project.git('checkout', '--quiet', 'main');
  done(await run('production'));
  expect(await pageAt('shell-executor')).not.toBe('');
});
