import { describe, expect, test } from 'vitest';
import { createMask } from '../../src/report/mask.ts';
import { contextOf, servicesOf } from '../support/job-context.ts';

describe('services', () => {
  test.each([
    ['the only database', 'services: [mysql]', ['mysql:feature-x-database']],
    [
      'a database and a cache',
      'services: [postgres, redis]',
      ['postgres:feature-x-database', 'redis:feature-x-redis'],
    ],
    [
      'two databases',
      'services: [postgres, mysql]',
      ['postgres:feature-x-postgres', 'mysql:feature-x-mysql'],
    ],
    [
      'two of the same type',
      'services: [redis, redis]',
      ['redis:feature-x-redis', 'redis:feature-x-redis-2'],
    ],
    ['a service with a name', 'services: [{type: redis, name: cache}]', ['redis:feature-x-cache']],
    [
      'a name with variables',
      'services: [{type: redis, name: "$APP-$CI_PROJECT_NAME"}]',
      ['redis:feature-x-shop'],
    ],
    [
      'the services of the review block',
      'services: [mysql]\nreview: {services: [redis]}',
      ['redis:feature-x-redis'],
    ],
  ])('for %s get their names', async (_, yml, services) => {
    expect(await servicesOf({ files: { yml } })).toEqual(services);
  });

  test.each([
    ['services: [{type: mysql, name: shop_db}, {type: mysql, name: shop_db}]', 'mysql:shop_db'],
    ['services: [redis, redis, {type: redis, name: shop-redis-2}]', 'redis:shop-redis-2'],
  ])('listed twice in %s are refused', async (yml, label) => {
    await expect(contextOf({ command: 'deploy', files: { yml } })).rejects.toMatchObject({
      code: 'configuration',
      message: `.dokku-deploy.yml: services: ${label} is listed more than once`,
    });
  });

  test('of an environment keep the names in the file', async () => {
    expect(
      await servicesOf({ command: 'deploy', files: { yml: 'services: [{type: mysql, name: live-db}]' } }),
    ).toEqual(['mysql:live-db']);
  });
});

test('values expand the job’s variables, and the environment’s block overrides the top level', async () => {
  const yml =
    'env: {A: top, B: "$CI_PROJECT_NAME-$$1", N: 1.0, Z: true}\nenvironments: {staging: {env: {A: own}}}';
  const context = await contextOf({
    command: 'deploy',
    env: { CI_ENVIRONMENT_NAME: 'staging' },
    files: { yml },
  });
  const values = context.config.map((key) => [key, context.vault.get(`config.${key}`)?.reveal()]);
  expect(Object.fromEntries(values)).toEqual({ A: 'own', B: 'shop-$1', N: '1.0', Z: 'true' });
});

describe('$APP', () => {
  const valuesOf = async (query: Parameters<typeof contextOf>[0]) => {
    const { config, vault } = await contextOf(query);
    return config.map((key) => vault.get(`config.${key}`)?.reveal());
  };

  test('is the app’s name in env, which nothing masks', async () => {
    const files = { yml: 'env: {HOSTS: $APP.dokku.example.com}' };
    expect(await valuesOf({ files })).toEqual(['feature-x.dokku.example.com']);
    const { vault } = await contextOf({ files });
    expect(createMask(vault.values())('the app feature-x')).toBe('the app feature-x');
  });

  test('is the job’s own variable if it has one', async () => {
    expect(await valuesOf({ files: { yml: 'env: {A: $APP}' }, env: { APP: 'own' } })).toEqual(['own']);
  });

  test.each(['APP_HOST', 'APP_URL'])('has no $%s without domains, unless the job sets it', async (name) => {
    const files = { yml: `domains: []\nenv: {A: $${name}}` };
    await expect(contextOf({ files })).rejects.toMatchObject({
      message: `.dokku-deploy.yml: env.A: ${name} is not known before the app is deployed`,
      remedy: expect.stringContaining('$APP.dokku.example.com'),
    });
    expect(await valuesOf({ files, env: { [name]: 'own' } })).toEqual(['own']);
  });

  test('has a host if the app is named by its domain', async () => {
    const query = { command: 'deploy', flags: { app: 'shop.example.com' } } as const;
    expect(await valuesOf({ ...query, files: { yml: 'env: {HOSTS: $APP_HOST}' } })).toEqual([
      'shop.example.com',
    ]);
  });
});

describe('the mask', () => {
  const maskOf = async (yml: string, env: Record<string, string>) =>
    createMask((await contextOf({ files: { yml }, env })).vault.values());

  test('hides a variable inside a value by the variable’s own name', async () => {
    const mask = await maskOf('env: {DATABASE_URL: "mysql://me:$PW@db.example.com/shop"}', {
      PW: 'hunter2x',
    });
    expect(mask('using password hunter2x')).toBe('using password [PW]');
    expect(mask('at mysql://me:hunter2x@db.example.com/shop')).toBe('at [config.DATABASE_URL]');
  });

  test('hides a variable in the environment of a service', async () => {
    const mask = await maskOf('services: [{type: mysql, env: {A: "x-$PW"}}]', { PW: 'hunter2x' });
    expect(mask('hunter2x')).toBe('[PW]');
  });

  test.each([
    'CI_REPOSITORY_URL',
    'CI_COMMIT_MESSAGE',
    'CI_MERGE_REQUEST_TITLE',
    'CI_DB_PASS',
    'CI_JOB_TOKEN',
  ])('hides %s, although it begins like a harmless variable of GitLab', async (name) => {
    const mask = await maskOf(`env: {A: "$${name}"}`, { [name]: 'hunter2-hunter2' });
    expect(mask('it is hunter2-hunter2')).toBe('it is [config.A]');
  });

  test('hides no literal value, no slug and no host name', async () => {
    const yml = 'env: {A: literally, B: "$CI_COMMIT_REF_SLUG", C: "https://$CI_PROJECT_NAME.$APPS_DOMAIN/"}';
    const mask = await maskOf(yml, { CI_PROJECT_NAME: 'boutique', APPS_DOMAIN: 'apps.example.com' });
    const url = 'https://boutique.apps.example.com/ literally feature-x';
    expect(mask(url)).toBe(url);
  });
});

test.each([
  ['semicolon', 'one;two'],
  ['line break', 'one\ntwo'],
])('a %s in the environment of a service is refused, and the value is not shown', async (what, value) => {
  const files = { yml: 'services: [{type: mysql, env: {CERT: "$CERT"}}]' };
  const refusal = contextOf({ files, env: { CERT: value } });
  await expect(refusal).rejects.toMatchObject({
    code: 'configuration',
    message: `.dokku-deploy.yml: services.env.CERT: has a ${what}, which the service plugins do not accept`,
  });
});

describe('a key of env', () => {
  test.each([
    ['env: {DOKKU_DEPLOY_REVIEW: x}', 'DOKKU_DEPLOY_REVIEW', 'keys with DOKKU_DEPLOY_ are reserved'],
    ['review: {env: {DOKKU_DEPLOY_SERVICES: x}}', 'DOKKU_DEPLOY_SERVICES', 'keys with DOKKU_DEPLOY_ are'],
    ['env: {GIT_REV: x}', 'GIT_REV', 'Dokku writes this key itself'],
    ['env: {A-B: x}', 'A-B', 'the key may have only letters'],
  ])('is refused if it is reserved or invalid: %s', async (yml, key, message) => {
    await expect(contextOf({ files: { yml } })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(`.dokku-deploy.yml: env.${key}: ${message}`),
    });
  });

  test.each([
    ['services: [postgres]\nenv: {DATABASE_URL: x}', 'DATABASE_URL', 'the postgres service in services of'],
    ['services: [redis]\nreview: {env: {REDIS_URL: x}}', 'REDIS_URL', 'the redis service in services of'],
    [
      'services: [{type: mysql, as: OTHER}]\nenv: {OTHER_URL: x, DATABASE_URL: x}',
      'OTHER_URL',
      'the mysql service in services of',
    ],
    ['env: {MONGO_URL: x}', 'MONGO_URL', 'the mongo service in addons of app.json'],
  ])('is refused if a service sets it too: %s', async (yml, key, message) => {
    const files = { yml, appJson: '{"addons": ["mongolab"]}' };
    await expect(contextOf({ files })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(`.dokku-deploy.yml: env.${key}: ${message}`),
    });
  });

  test('may set the URL of a service that the environment does without', async () => {
    const yml = 'services: [postgres]\nenvironments: {production: {services: [], env: {DATABASE_URL: x}}}';
    const env = { CI_ENVIRONMENT_NAME: 'production' };
    expect((await contextOf({ command: 'deploy', env, files: { yml } })).config).toEqual(['DATABASE_URL']);
  });
});
