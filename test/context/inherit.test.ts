import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

describe('inherit', () => {
  test('names the keys of another app, each once', async () => {
    const yml = 'review: {inherit: {app: $SOURCE, keys: [STRIPE_KEY, S3_KEY, STRIPE_KEY]}}';
    const { inherit } = await contextOf({ files: { yml }, env: { SOURCE: 'shop' } });
    expect(inherit).toEqual({ app: 'shop', keys: ['STRIPE_KEY', 'S3_KEY'] });
  });

  test('takes the place of a default in app.json', async () => {
    const files = {
      yml: 'inherit: {app: shop, keys: [A]}',
      appJson: '{"env": {"A": {"required": true}, "B": "x"}}',
    };
    expect((await contextOf({ files })).declaredEnv.map(({ key }) => key)).toEqual(['B']);
  });

  test('is not read by a command that does not configure', async () => {
    const files = { yml: 'inherit: {app: shop, keys: [A]}' };
    expect((await contextOf({ command: 'review stop', files })).inherit).toBeUndefined();
  });

  test.each<[string, string]>([
    ['inherit: {app: feature-x, keys: [A]}', 'inherit.app: "feature-x" is the app itself'],
    ['inherit: {app: "a b", keys: [A]}', 'inherit.app: "a b" may have only lower case letters'],
    ['inherit: {app: $NONE, keys: [A]}', 'inherit.app: the variable NONE is not set'],
    ['inherit:\n  app: shop\n  keys: []', '.dokku-deploy.yml:3:9: inherit.keys: '],
    ['inherit: {keys: [A]}', 'inherit.app: '],
    ['inherit: {app: shop, keys: [A], key: A}', 'inherit.key is not a known key'],
    ['inherit: {app: shop, keys: [DATABASE_URL]}', 'inherit.keys: DATABASE_URL: it is the URL of a service'],
    ['inherit: {app: shop, keys: [OLD_DATABASE_URL]}', 'OLD_DATABASE_URL: it is the URL of a service'],
    ['inherit: {app: shop, keys: [redis_url]}', 'redis_url: it is the URL of a service'],
    [
      'inherit: {app: shop, keys: [DOKKU_MYSQL_AQUA_URL]}',
      'DOKKU_MYSQL_AQUA_URL: Dokku and dokku-deploy write',
    ],
    ['inherit: {app: shop, keys: [DOKKU_DEPLOY_OWNER]}', 'DOKKU_DEPLOY_OWNER: Dokku and dokku-deploy write'],
    ['inherit: {app: shop, keys: [GIT_REV]}', 'GIT_REV: Dokku writes this key itself'],
    ['inherit: {app: shop, keys: [A-B]}', 'A-B: the key may have only letters'],
    ['inherit: {app: shop, keys: [A]}\nenv: {A: x}', 'A: it is also set in .dokku-deploy.yml: env.A'],
    [
      'inherit: {app: shop, keys: [CACHE_URL]}\nservices: [{type: redis, as: CACHE}]',
      'CACHE_URL: it is the URL of a service',
    ],
  ])('is refused: %j', async (yml, message) => {
    await expect(contextOf({ files: { yml } })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(message),
    });
  });

  test('is refused if a variable of the job sets the key, too', async () => {
    const files = { yml: 'inherit: {app: shop, keys: [A]}' };
    await expect(contextOf({ files, env: { DOKKU_ENV_A: 'x' } })).rejects.toMatchObject({
      message: '.dokku-deploy.yml: inherit.keys: A: it is also set in DOKKU_ENV_A',
    });
  });
});
