import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aLocalPipeline, type LocalPipeline, npmEnvironment } from '../support/local-pipeline.ts';
import { fetchPage } from '../support/page.ts';

let sandbox: Sandbox;
let pipeline: LocalPipeline;

beforeAll(async () => {
  sandbox = await startSandbox({
    services: [],
    path: `${dirname(process.execPath)}:${process.env.PATH}`,
    buildEnv: { ...npmEnvironment(), HOME: process.env.HOME ?? '/' },
  });
  pipeline = aLocalPipeline({
    example: 'merge-requests',
    variables: sandbox.env,
    words: ['--force-shell-executor'],
  });
  const component = '$CI_SERVER_FQDN/tools/dokku-deploy/pipeline@1.0.0';
  const inputs = { image: 'unused', promote: true, staging_app: 'hello-test', production_app: 'hello' };
  pipeline.project.commit({ '.gitlab-ci.yml': JSON.stringify({ include: [{ component, inputs }] }) });
});

afterAll(async () => {
  pipeline[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** Runs a job of what is checked out. */
const run = async (...words: string[]): Promise<void> => {
  const { exit, output } = await pipeline.run(...words);
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);
};

const say = (text: string): string =>
  pipeline.project.commit({ 'page.js': `exports.page = () => 'Hello ${text}';\n` });

const pageOf = (app: string): Promise<string> => fetchPage(`http://${app}.localhost:${sandbox.webPort}/`);

const commitOf = (app: string): string | undefined =>
  parseEnv(sandbox.state.apps.get(app)?.envFile ?? '').get('DOKKU_DEPLOY_COMMIT');

test('with promote, production gets what staging ran of the pipeline’s commit, and can be taken back', async () => {
  const first = say('one');
  await run('staging');
  // A promotion creates no app.
  expect((await pipeline.run('production')).output).toContain('There is no app hello on');
  await run('production', '--variable', 'DOKKU_DEPLOY_PROMOTE=false');
  expect([commitOf('hello'), await pageOf('hello')]).toEqual([first, 'Hello one']);

  const second = say('two');
  const unstaged = await pipeline.run('production');
  expect(unstaged.output).toContain(`hello-test has no release of ${second.slice(0, 8)}`);
  await run('staging');
  await run('production');
  expect([commitOf('hello'), await pageOf('hello')]).toEqual([second, 'Hello two']);

  await run('rollback_production');
  expect([commitOf('hello'), await pageOf('hello')]).toEqual([first, 'Hello one']);
  await run('rollback_production', '--variable', 'DOKKU_DEPLOY_RELEASE=2');
  expect(await pageOf('hello')).toBe('Hello two');
});
