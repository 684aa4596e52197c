import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { connectTo, runOver } from '../support/ssh.ts';
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

/** Runs a command of the domains plugin on the host. */
const domains = async (words: string) => {
  const client = await connectTo(sandbox);
  expect(await runOver(client, `domains:${words}`)).toMatchObject({ exit: 0 });
  client.end();
};

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
    expect(lines.filter((line) => !/^[a-z]+:(export|report|list) /.test(line))).toEqual([]);
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

describe('a commit that is already deployed', () => {
  test('is reported with the URL that the app has now, although another one was recorded', async () => {
    const first = await deployTo('production', ['--app', 'moved']);
    expect([first.exit, first.stdout]).toEqual([0, `http://moved.localhost:${sandbox.webPort}\n`]);
    await domains('set moved new.localhost');
    const second = await deployTo('production', ['--app', 'moved']);
    expect([second.exit, second.stdout]).toEqual([0, `http://new.localhost:${sandbox.webPort}\n`]);
    expect(second.stderr).toContain('the host already runs this commit');
    const sent = sandbox.journal.commands.length;
    const third = await deployTo('production', ['--app', 'moved']);
    expect([third.exit, third.stdout]).toEqual([0, second.stdout]);
    expect(sandbox.journal.commands.slice(sent).map(({ line }) => line)).not.toContain('urls moved');
  });
});
