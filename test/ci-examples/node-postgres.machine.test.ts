import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aLocalPipeline, type LocalPipeline, npmEnvironment } from '../support/local-pipeline.ts';
import { fetchPage } from '../support/page.ts';

let sandbox: Sandbox;
let pipeline: LocalPipeline;

beforeAll(async () => {
  sandbox = await startSandbox({
    services: ['postgres'],
    path: `${dirname(process.execPath)}:${process.env.PATH}`,
    buildEnv: { ...npmEnvironment(), HOME: process.env.HOME ?? '/' },
  });
  pipeline = aLocalPipeline({
    example: 'node-postgres',
    variables: { ...sandbox.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    words: ['--force-shell-executor'],
  });
});

afterAll(async () => {
  pipeline[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const pageAt = (app: string) => fetchPage(`http://${app}.localhost:${sandbox.webPort}/`);
const services = () => [...(sandbox.state.services.get('postgres')?.keys() ?? [])].sort();

describe('the example’s pipeline, from a branch to production', () => {
  test('a branch is tested and gets a review app with its own migrated database', async () => {
    const { project, run } = pipeline;
    project.git('checkout', '--quiet', '-b', 'greet-more');
    project.commit({
      'migrations/002-more.sql': "INSERT INTO greetings (author, words) VALUES ('002', 'second push');\n",
    });
    const { exit, output } = await run();
    expect([exit, output.slice(exit === 0 ? output.length : 0)]).toEqual([0, '']);
    expect(services()).toEqual(['greet-more-database']);
    expect(await pageAt('greet-more')).toContain('second push');
  });

  test('a merged branch leaves nothing behind: the stop job removes the app and its database', async () => {
    const { exit } = await pipeline.run('stop_review');
    expect([exit, sandbox.state.apps.has('greet-more'), services()]).toEqual([0, false, []]);
  });

  test('the main branch is deployed to staging automatically and to production manually', async () => {
    const { project, run } = pipeline;
    project.git('checkout', '--quiet', 'main');
    project.git('merge', '--quiet', 'greet-more');
    const staged = await run();
    expect([staged.exit, sandbox.state.apps.has('node-postgres')]).toEqual([0, false]);
    expect(await pageAt('node-postgres-staging')).toContain('second push');
    expect((await run('production')).exit).toBe(0);
    expect(await pageAt('node-postgres')).toContain('second push');
    expect(services()).toEqual(['node-postgres-database', 'node-postgres-staging-database']);
  });
});
