import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aLocalPipeline } from '../support/local-pipeline.ts';
import { fetchPage } from '../support/page.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [], path: process.env.PATH ?? '' });
});

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
});

/** The example's pipeline, with each job on this machine. */
const onMachine = (example: string) =>
  aLocalPipeline({ example, variables: sandbox.env, words: ['--force-shell-executor'] });

const pageAt = (app: string, path = '/'): Promise<string> =>
  fetchPage(`http://${app}.localhost:${sandbox.webPort}${path}`);
const apps = (): string[] => [...sandbox.state.apps.keys()].sort();

const expectSuccess = ({ exit, output }: { exit: number | null; output: string }): void =>
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);

test('front end: what a job builds is deployed for a branch, to staging and to production', {
  timeout: 240_000,
}, async () => {
  using pipeline = onMachine('front-end');
  const { project, run } = pipeline;
  project.git('checkout', '--quiet', '-b', 'new-words');
  expectSuccess(await run());
  expect(apps()).toEqual(['new-words']);
  expect(await pageAt('new-words')).toContain('Built by an earlier job');
  expect(await pageAt('new-words', '/assets/style.css')).toContain('sans-serif');
  await expect(pageAt('new-words', '/assets/style.css.map')).resolves.not.toContain('mappings');
  expectSuccess(await run('stop_review'));
  expect(apps()).toEqual([]);
  project.git('checkout', '--quiet', 'main');
  expectSuccess(await run());
  expect(apps()).toEqual(['front-end-staging']);
  expectSuccess(await run('build', 'production'));
  expect(await pageAt('front-end')).toContain('Built by an earlier job');
});

test('monorepo: a change of one folder deploys its app only', { timeout: 240_000 }, async () => {
  using pipeline = onMachine('monorepo');
  const { project, run } = pipeline;
  const before = apps();
  project.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  project.git('checkout', '--quiet', '-b', 'greet');
  project.commit({ 'apps/api/server.js': serverWith('Bonjour') });
  expectSuccess(await run());
  expect(apps()).toEqual([...before, 'api-greet'].sort());
  expect(await pageAt('api-greet')).toBe('Bonjour');
  expectSuccess(await run('stop_api'));
  expect(apps()).toEqual(before);
  project.git('checkout', '--quiet', 'main');
  project.commit({ 'apps/web/server.js': serverWith('Salut') });
  expectSuccess(await run());
  expect(apps()).toEqual([...before, 'monorepo-web'].sort());
  expect(await pageAt('monorepo-web')).toBe('Salut');
  project.commit({ 'apps/api/server.js': serverWith('Coucou') });
  expectSuccess(await run());
  expect(await pageAt('monorepo-api')).toBe('Coucou');
});

const serverWith = (text: string): string =>
  `require('node:http').createServer((request, response) => response.end('${text}')).listen(process.env.PORT);\n`;
