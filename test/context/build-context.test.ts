import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildContext } from '../../src/context/build-context.ts';
import type { Flags } from '../../src/context/flags.ts';
import type { CommandName } from '../../src/context/target.ts';
import { contextOf, jobInputOf } from '../support/job-context.ts';

const privateKey = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

describe('the recorded job of a real runner', () => {
  const recorded = new URL('../recorded/gitlab-runner/', import.meta.url);
  const cases = JSON.parse(readFileSync(new URL('cases.json', recorded), 'utf8')) as Record<
    string,
    Record<string, string>
  >;

  test.each(Object.keys(cases))('%s makes a valid context', async (name) => {
    const env = cases[name] ?? {};
    const command: CommandName =
      env.CI_ENVIRONMENT_ACTION === 'stop'
        ? 'review stop'
        : /staging|production|tag/.test(name)
          ? 'deploy'
          : 'review start';
    const context = await buildContext({
      command,
      flags: { hostRequirement: 'none' },
      jobInput: jobInputOf(env),
    });
    expect({
      app: context.app,
      ref: context.ref,
      environment: context.environment,
      project: context.project,
    }).toEqual({
      app: command === 'deploy' ? environmentApp(env) : expect.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/),
      ref: env.CI_COMMIT_REF_NAME,
      environment: env.CI_ENVIRONMENT_NAME,
      project: { id: '42', path: 'acme/boutique' },
    });
  });
});

function environmentApp({ CI_ENVIRONMENT_NAME: environment }: Record<string, string>): string {
  return environment === 'staging' ? 'boutique-staging' : 'boutique';
}

describe('the flags of a deploy', () => {
  const chosen = async (flags: Flags) => {
    const context = await contextOf({ command: 'deploy', flags: { environment: 'production', ...flags } });
    const { rebuild, takeOver, duringLock, createMissing, superseded, isExact, release } = context;
    return { rebuild, takeOver, duringLock, createMissing, superseded, isExact, release };
  };
  const usual = {
    rebuild: false,
    takeOver: false,
    duringLock: false,
    createMissing: true,
    superseded: 'fail',
    isExact: false,
    release: undefined,
  };

  test.each([
    [{}, {}],
    [{ rebuild: true }, { rebuild: true }],
    [{ takeOver: true }, { takeOver: true }],
    [{ duringLock: true }, { duringLock: true }],
    [{ noCreate: true }, { createMissing: false }],
    [{ superseded: 'ok' as const }, { superseded: 'ok' }],
    [{ exact: true }, { isExact: true }],
    [{ to: '3' }, { release: '3' }],
  ])('%j change nothing but their own part of the context', async (flags, changed) => {
    expect(await chosen(flags)).toEqual({ ...usual, ...changed });
  });
});

describe('the host', () => {
  const env = {
    CI_COMMIT_REF_NAME: 'main',
    CI_PROJECT_NAME: 'shop',
    SSH_PRIVATE_KEY: 'none',
    SSH_HOST_KEY_CHECKING: 'accept-new',
    PRODUCTION_HOST: 'ssh://dokku@prod.example.com:2222/shop',
  };
  const build = (yml: string | undefined, more: Record<string, string> = {}, environment = 'production') =>
    buildContext({
      command: 'deploy',
      flags: { environment, hostRequirement: 'optional' },
      jobInput: {
        ...jobInputOf({ ...env, ...more }, yml === undefined ? {} : { yml }),
        contents: { SSH_PRIVATE_KEY: privateKey },
      },
    });

  test.each([
    ['host: $PRODUCTION_HOST', {}],
    ['environments: {production: {host: $PRODUCTION_HOST}}', { DOKKU_HOST: 'other.example.com' }],
  ])('in the file can use variables of the job: %s', async (yml, more) => {
    expect((await build(yml, more)).access?.address).toEqual({
      user: 'dokku',
      host: 'prod.example.com',
      port: 2222,
    });
  });

  test('with a missing variable is one problem', async () => {
    await expect(build('host: $NONE')).rejects.toMatchObject({
      message: '.dokku-deploy.yml: host: the variable NONE is not set in this job',
    });
  });

  test('as the URL of a git remote is a warning if its app is not the one that is deployed', async () => {
    const remote = { DOKKU_HOST: 'dokku@dokku.example.com:shop' };
    expect((await build(undefined, remote)).warnings).toEqual([]);
    expect((await build(undefined, remote, 'staging')).warnings).toMatchObject([
      { about: 'DOKKU_HOST', message: expect.stringContaining('this run deploys to shop-staging') },
    ]);
  });
});

describe('the startup check of an app without healthchecks', () => {
  test.each<[string | undefined, boolean, boolean]>([
    [undefined, true, false],
    ['checks: false', false, false],
    ['checks: true', true, true],
    ['review: {checks: false}', false, false],
    ['environments: {production: {checks: true}}', true, true],
    ['checks: true\nenvironments: {production: {checks: false}}', true, false],
    ['checks: true\nsource: {history: full}', false, false],
  ])('with %j: review app %s, environment %s', async (yml, review, environment) => {
    const files = yml === undefined ? {} : { yml };
    const isWanted = async (command: CommandName) =>
      (await contextOf({ command, flags: { environment: 'production' }, files })).source.uptimeCheck;
    expect([await isWanted('review start'), await isWanted('deploy')]).toEqual([review, environment]);
  });
});
