import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
});

afterAll(() => sandbox[Symbol.asyncDispose]());

beforeEach(() => {
  repository = aRepository('main');
  return () => repository[Symbol.dispose]();
});

const run = (words: string, env: Readonly<Record<string, string>> = {}): Promise<ProgramResult> =>
  runProgram({
    argv: words.split(' '),
    cwd: repository.folder,
    env: {
      ...sandbox.env,
      CI_COMMIT_REF_NAME: 'main',
      CI_COMMIT_REF_SLUG: 'main',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      ...env,
    },
  });

const declare = (yml: string): void => writeFileSync(join(repository.folder, '.dokku-deploy.yml'), yml);
const commit = (text: string): string => repository.commit({ 'index.html': text });
const appOf = (name: string) => sandbox.state.apps.get(name);
const markOf = (name: string) => parseEnv(appOf(name)?.envFile ?? '').get('DOKKU_DEPLOY_SETTINGS');
const mark = (): number => sandbox.journal.commands.length;
const linesSince = (from: number): string[] => sandbox.journal.commands.slice(from).map(({ line }) => line);

describe('deploy with declared settings', () => {
  test('configures before the deploy, sets domains after it, and reports the declared URL', async () => {
    commit('hello');
    declare('domains: [first.example.test]\nscale: {web: 2}\nchecks: {wait_to_retire: 1}\n');
    const from = mark();
    const { exit, stdout, stderr } = await run('deploy --app first');
    expect(stderr).toContain('Set the domains of first');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^http:\/\/first\.example\.test/);
    const lines = linesSince(from);
    const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    expect(at(/^ps:scale --skip-deploy first web=2/)).toBeGreaterThan(at(/config:import/));
    expect(at(/git-receive-pack/)).toBeGreaterThan(at(/^ps:scale --skip-deploy/));
    expect(at(/^checks:set first wait-to-retire 1/)).toBeLessThan(at(/git-receive-pack/));
    expect(at(/^domains:set first first.example.test/)).toBeGreaterThan(at(/git-receive-pack/));
    expect(appOf('first')?.containers).toHaveLength(2);
    expect(markOf('first')).toMatch(/^checks=[0-9a-f]{16}.*&domains=[0-9a-f]{16}&scale=[0-9a-f]{16}/);
    expect(parseEnv(appOf('first')?.envFile ?? '').get('DOKKU_DEPLOY_URL')).toMatch(/first\.example\.test/);

    const second = mark();
    expect((await run('deploy --app first')).exit).toBe(0);
    expect(
      linesSince(second).filter((line) => /^(domains:(set|report .* --format)|ps:scale|checks)/.test(line)),
    ).toEqual([]);
  });

  test('scales down after the deploy, and gives back what is no longer declared', async () => {
    commit('one');
    declare('domains: [second.example.test]\nscale: {web: 3}\n');
    expect((await run('deploy --app second')).exit).toBe(0);
    commit('two');
    declare('scale: {web: 1}\n');
    const from = mark();
    expect((await run('deploy --app second')).exit).toBe(0);
    const lines = linesSince(from);
    const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    expect(at(/^ps:scale second web=1/)).toBeGreaterThan(at(/^domains:reset second/));
    expect(at(/^domains:reset second/)).toBeGreaterThan(at(/git-receive-pack/));
    expect(appOf('second')?.domains).toEqual(['second.localhost']);
    expect(appOf('second')?.containers).toHaveLength(1);
    expect(markOf('second')).toMatch(/^scale=[0-9a-f.]+$/);
  });

  test('starts more processes of the same commit without a build, and builds if anything else needs it', async () => {
    commit('one');
    declare('scale: {web: 1}\n');
    expect((await run('deploy --app more')).exit).toBe(0);
    declare('scale: {web: 2}\n');
    const from = mark();
    const { exit, stderr } = await run('deploy --app more');
    expect([exit, stderr]).toEqual([0, expect.stringContaining('Scale more: web')]);
    expect(linesSince(from).filter((line) => /^ps:(scale.*=|rebuild)|receive-pack/.test(line))).toEqual([
      expect.stringContaining('git-receive-pack'),
      'ps:scale more web=2',
    ]);
    expect(appOf('more')?.containers).toHaveLength(2);
    const second = mark();
    expect((await run('deploy --app more')).exit).toBe(0);
    expect(linesSince(second).filter((line) => /^ps:/.test(line))).toEqual([]);

    declare('scale: {web: 3}\nrestart: always\nenv: {A: b}\n');
    const third = mark();
    expect((await run('deploy --app more')).exit).toBe(0);
    expect(linesSince(third).filter((line) => /^ps:(scale.*=|rebuild)/.test(line))).toEqual([
      'ps:scale --skip-deploy more web=3',
      'ps:rebuild more',
    ]);
    expect(appOf('more')?.containers).toHaveLength(3);
  });

  test('refuses a domain that another app has, by name, and changes nothing', async () => {
    commit('one');
    declare('domains: [taken.example.test]\n');
    expect((await run('deploy --app owner')).exit).toBe(0);
    const from = mark();
    const { exit, stderr } = await run('deploy --app thief');
    expect(exit).toBe(4);
    expect(stderr).toContain('The app owner has the domain taken.example.test');
    expect(linesSince(from).filter((line) => /create|import|receive-pack|set/.test(line))).toEqual([]);
  });

  test('takes back a domain that nginx refuses, and continues from there', async () => {
    commit('one');
    expect((await run('deploy --app fourth')).exit).toBe(0);
    const refusal =
      ' !     Failed to validate nginx config for fourth. Contents below...\n[emerg] 1#1: invalid name\n';
    declare('domains: [odd.example.test]\n');
    sandbox.faults.inject(/^domains:set fourth odd/, { kind: 'fail-after', exit: 1, stderr: refusal });
    const from = mark();
    const { exit, stderr } = await run('deploy --app fourth');
    expect(exit).toBe(4);
    expect(stderr).toContain('nginx refuses its configuration');
    expect(stderr).toContain('It was taken back.');
    expect(linesSince(from)).toContain('domains:set fourth fourth.localhost');
    expect((await run('deploy --app fourth')).exit).toBe(0);
    expect(appOf('fourth')?.domains).toEqual(['odd.example.test']);
  });

  test('asks nothing more, and writes nothing more, without settings', async () => {
    commit('one');
    const from = mark();
    expect((await run('deploy --app plain')).exit).toBe(0);
    expect(
      linesSince(from).filter((line) =>
        /DOKKU_DEPLOY_SETTINGS|:set |ps:scale|checks|--format json/.test(line),
      ),
    ).toEqual(linesSince(from).filter((line) => /^(config:export|builds:list)|config:import/.test(line)));
    expect(markOf('plain')).toBeUndefined();
  });
});

describe('--check-drift', () => {
  test('prints what someone has changed, exits 10, and leaves it; drift: repair puts it right', async () => {
    commit('one');
    declare('domains: [drift.example.test]\n');
    expect((await run('deploy --app drift')).exit).toBe(0);
    expect(await run('deploy --app drift --check-drift')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('is as declared'),
    });
    const app = appOf('drift');
    if (app) app.domains = ['by-hand.example.test'];
    const from = mark();
    const { exit, stdout } = await run('deploy --app drift --check-drift');
    expect(exit).toBe(10);
    expect(stdout).toContain('  domains: by-hand.example.test → drift.example.test (changed on the host)');
    expect(linesSince(from).filter((line) => /import|domains:set|receive-pack/.test(line))).toEqual([]);

    expect((await run('deploy --app drift --dry-run')).stdout).toContain('domains was changed on the host');
    expect((await run('deploy --app drift')).exit).toBe(0);
    expect(app?.domains).toEqual(['by-hand.example.test']);
    declare('domains: [drift.example.test]\ndrift: repair\n');
    expect((await run('deploy --app drift')).exit).toBe(0);
    expect(app?.domains).toEqual(['drift.example.test']);
  });
});

describe('a review app', () => {
  test('gets its own domain from a template, and its plan shows the difference', async () => {
    commit('one');
    declare('review: {domains: [$APP.review.example.test], checks: {wait_to_retire: 2}}\n');
    const branch = { CI_COMMIT_REF_NAME: 'feature/x', CI_COMMIT_REF_SLUG: 'feature-x' };
    const { exit, stdout } = await run('review start --dry-run', branch);
    expect(exit).toBe(0);
    expect(stdout).toContain('     default → feature-x.review.example.test');
    expect((await run('review start', branch)).exit).toBe(0);
    expect(appOf('feature-x')?.domains).toEqual(['feature-x.review.example.test']);
    expect((await run('review stop', branch)).exit).toBe(0);
    expect(appOf('feature-x')).toBeUndefined();
  });
});
