import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** Runs `deploy` as the job of an environment of the production tier, as a project without a configuration file has it. */
const deployTo = (environment: string, argv: readonly string[] = []) =>
  runProgram({
    argv: ['deploy', ...argv],
    cwd: repository.folder,
    env: {
      ...sandbox.env,
      GITLAB_CI: 'true',
      CI_COMMIT_REF_NAME: 'main',
      CI_COMMIT_REF_SLUG: 'main',
      CI_PROJECT_ID: '42',
      CI_PROJECT_NAME: 'shop',
      CI_PROJECT_PATH: 'group/shop',
      CI_ENVIRONMENT_NAME: environment,
      CI_ENVIRONMENT_TIER: 'production',
    },
  });

/** The whole state of the apps on the host, as far as a job can change it. */
const stateOfApps = () =>
  [...sandbox.state.apps.values()].map(({ name, envFile, builds, container, domains }) => ({
    name,
    envFile,
    builds: builds.length,
    container,
    domains,
  }));

describe('a second environment of the production tier', () => {
  test('is refused on the app of the first one, with the ways out, and changes nothing', async () => {
    const first = await deployTo('production');
    expect(first.exit, first.stderr).toBe(0);
    const before = stateOfApps();
    const sent = sandbox.journal.commands.length;
    const second = await deployTo('production/eu');
    expect(second.exit).toBe(4);
    expect(second.stderr).toContain(
      'The app shop exists on the host and belongs to the environment production of the project group/shop.',
    );
    expect(second.stderr).toMatch(/--app, DOKKU_APP, or environments: in .dokku-deploy.yml/);
    expect(second.stderr).toContain('deploy to it once with --take-over');
    expect(second.stdout).toBe('');
    const lines = sandbox.journal.commands.slice(sent).map(({ line }) => line);
    expect(
      lines.filter((line) => !/^(config:export|git:report|apps:report|builds:list) /.test(line)),
    ).toEqual([]);
    expect(stateOfApps()).toEqual(before);
  });

  test('has its own app with --app', async () => {
    const { exit, stderr, stdout } = await deployTo('production/eu', ['--app', 'shop-eu']);
    expect(exit, stderr).toBe(0);
    expect(stdout).toBe(`http://shop-eu.localhost:${sandbox.webPort}\n`);
  });

  test('becomes the owner of the app with --take-over, and the first one is then refused', async () => {
    const { exit, stderr } = await deployTo('production/eu', ['--take-over']);
    expect(exit, stderr).toBe(0);
    const first = await deployTo('production');
    expect(first.exit).toBe(4);
    expect(first.stderr).toContain('belongs to the environment production/eu of the project group/shop');
  });
});
