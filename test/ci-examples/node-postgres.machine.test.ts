import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { startProgram } from '../support/child.ts';
import { pageOf } from '../support/page.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';

const root = new URL('../../', import.meta.url).pathname;
const runner = join(root, 'node_modules/gitlab-ci-local/dist/index.js');

let sandbox: Sandbox;
let project: TestRepository;
let tools: string;

const fromMachine = (pattern: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      pattern.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );

/** The jobs' `dokku-deploy`, from its source, in place of the image's. */
const makeTools = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  const program = join(folder, 'dokku-deploy');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'src/main.ts')}' "$@"\n`);
  chmodSync(program, 0o755);
  return folder;
};

beforeAll(async () => {
  const registry = fromMachine(/^npm_config_|^(https?|no)_proxy$|^NODE_EXTRA_CA_CERTS$/i);
  sandbox = await startSandbox({
    services: ['postgres'],
    path: `${dirname(process.execPath)}:${process.env.PATH}`,
    buildEnv: { ...registry, HOME: process.env.HOME ?? '/' },
  });
  tools = makeTools();
  project = aRepository('main');
  cpSync(join(root, 'ci-examples/node-postgres'), project.folder, {
    recursive: true,
    filter: (path) => !path.endsWith('node_modules'),
  });
  project.git('remote', 'add', 'origin', 'git@gitlab.example.com:acme/guestbook.git');
  project.commit({});
  // What a project's settings hold: CI/CD variables.
  mkdirSync(join(tools, '.gitlab-ci-local'));
  writeFileSync(
    join(tools, '.gitlab-ci-local/variables.yml'),
    JSON.stringify({ global: { ...sandbox.env, GIT_CONFIG_GLOBAL: '/dev/null' } }),
  );
});

afterAll(async () => {
  project[Symbol.dispose]();
  rmSync(tools, { recursive: true, force: true });
  await sandbox[Symbol.asyncDispose]();
});

/** Runs the pipeline of the branch that is checked out, or some of its jobs, as a runner's shell executor does. */
const runJobs = async (...jobs: string[]) => {
  const words = ['--force-shell-executor', '--no-color', '--home', tools, ...jobs];
  const env = {
    ...fromMachine(/^npm_config_|^(https?|no)_proxy$|^NODE_EXTRA_CA_CERTS$/i),
    PATH: `${tools}:${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: process.env.HOME,
  };
  const { exit, output } = await startProgram([process.execPath, runner, ...words], {
    cwd: project.folder,
    env,
  }).ended;
  return { exit, output };
};

const pageAt = (app: string) => pageOf(`http://${app}.localhost:${sandbox.webPort}/`);
const services = () => [...(sandbox.state.services.get('postgres')?.keys() ?? [])].sort();

describe('the pipeline of the example, from a branch to production', () => {
  test('a branch is tested, and gets a review app with a migrated database of its own', async () => {
    project.git('checkout', '--quiet', '-b', 'greet-more');
    project.commit({
      'migrations/002-more.sql': "INSERT INTO greetings (author, words) VALUES ('002', 'second push');\n",
    });
    const { exit, output } = await runJobs();
    expect([exit, output.slice(exit === 0 ? output.length : 0)]).toEqual([0, '']);
    expect(services()).toEqual(['greet-more-database']);
    expect(await pageAt('greet-more')).toContain('second push');
  });

  test('a merged branch leaves nothing: its job stops the app and its database', async () => {
    const { exit } = await runJobs('stop_review');
    expect([exit, sandbox.state.apps.has('greet-more'), services()]).toEqual([0, false, []]);
  });

  test('the main branch goes to staging by itself, and to production when somebody says so', async () => {
    project.git('checkout', '--quiet', 'main');
    project.git('merge', '--quiet', 'greet-more');
    const staged = await runJobs();
    expect([staged.exit, sandbox.state.apps.has('guestbook')]).toEqual([0, false]);
    expect(await pageAt('guestbook-staging')).toContain('second push');
    expect((await runJobs('production')).exit).toBe(0);
    expect(await pageAt('guestbook')).toContain('second push');
    expect(services()).toEqual(['guestbook-database', 'guestbook-staging-database']);
  });
});
