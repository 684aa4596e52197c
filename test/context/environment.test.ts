import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const yml = 'environments: {staging: {app: web-staging}, production: {app: web}, "review/*": {app: preview}}';

const deploy = (
  environment: string | undefined,
  more: { yml?: string; app?: string; variable?: string } = {},
) =>
  contextOf({
    command: 'deploy',
    flags: { environment, app: more.app },
    env: more.variable === undefined ? {} : { DOKKU_APP: more.variable },
    files: { yml: more.yml ?? yml },
  });

describe('an environment', () => {
  test.each([
    ['production', 'web'],
    ['review/x', 'preview'],
  ])('%s takes its block', async (environment, app) => {
    expect((await deploy(environment)).app).toBe(app);
  });

  test('takes the block with its name rather than a pattern', async () => {
    const blocks = 'environments: {"production/*": {app: family}, production/eu: {app: eu}}';
    expect((await deploy('production/eu', { yml: blocks })).app).toBe('eu');
    expect((await deploy('production/us', { yml: blocks })).app).toBe('family');
  });

  test.each([
    ['prodution', '"prodution" is not declared', 'Did you mean production?'],
    ['Production', '"Production" is not declared', 'Did you mean production?'],
    ['production/eu', '"production/eu" is not declared', 'Declared: staging, production, review/*.'],
    ['constructor', '"constructor" is not declared', 'Declared: staging, production, review/*.'],
    [undefined, 'the run has no environment, and the file declares some', 'dokku-deploy deploy staging'],
  ])('%s is refused if the file declares others', async (environment, message, remedy) => {
    const expected = {
      code: 'configuration',
      message: `.dokku-deploy.yml: environments: ${message}`,
      remedy: expect.stringContaining(remedy),
    };
    await expect(deploy(environment)).rejects.toMatchObject(expected);
  });

  test.each(['deploy', 'rollback', 'releases', 'status'] as const)(
    'that is missing is asked for with the command that was run: %s',
    async (command) => {
      await expect(contextOf({ command, files: { yml } })).rejects.toMatchObject({
        remedy: expect.stringContaining(`Name one: dokku-deploy ${command} staging.`),
      });
    },
  );

  test('of the job is refused like one on the command line', async () => {
    const run = contextOf({ command: 'deploy', env: { CI_ENVIRONMENT_NAME: 'prod' }, files: { yml } });
    await expect(run).rejects.toMatchObject({ message: expect.stringContaining('"prod" is not declared') });
  });

  test('may be missing if the app is chosen without it', async () => {
    expect((await deploy(undefined, { app: 'typed' })).app).toBe('typed');
    expect((await deploy(undefined, { variable: 'set' })).app).toBe('set');
    expect((await deploy(undefined, { yml: `app: filed\n${yml}` })).app).toBe('filed');
  });

  test('need not be declared if the file declares none', async () => {
    expect((await deploy('anything', { yml: 'env: {A: b}' })).app).toBe('shop-anything');
  });
});
