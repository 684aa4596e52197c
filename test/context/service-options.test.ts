import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const optionsOf = async (yml: string, env: Record<string, string> = {}) => {
  const { services, vault } = await contextOf({ files: { yml: `services: ${yml}` }, env });
  return { options: services[0]?.options, vault };
};

describe('the options of a service', () => {
  test.each([
    ['[{type: postgres, options: {memory: 512}}]', { memory: '512' }],
    ['[{type: postgres, options: {memory: 2g, shm_size: 256M}}]', { memory: '2048', 'shm-size': '256M' }],
    [
      '[{type: redis, options: {initial_network: db, post_create_network: net-1, post_start_network: x.y}}]',
      { 'initial-network': 'db', 'post-create-network': 'net-1', 'post-start-network': 'x.y' },
    ],
    ['[{type: redis, options: {}}]', {}],
  ])('%s become flags', async (yml, flags) => {
    expect((await optionsOf(yml)).options).toEqual(flags);
  });

  test('are secret if they are passwords', async () => {
    const yml = '[{type: mysql, name: db, options: {password: $DB_PASSWORD, root_password: $ROOT}}]';
    const { options, vault } = await optionsOf(yml, { DB_PASSWORD: 'pass-word.1', ROOT: 'root_pass~2' });
    const [password, rootPassword] = ['service.feature-x-db.password', 'service.feature-x-db.root_password'];
    expect(options).toEqual({ password: { secret: password }, 'root-password': { secret: rootPassword } });
    expect([vault.get(password)?.reveal(), vault.get(rootPassword)?.isPublic]).toEqual([
      'pass-word.1',
      false,
    ]);
  });

  test.each<[string, string]>([
    [
      '{type: redis, options: {memory: 256MB}}',
      '.dokku-deploy.yml:1:44: services.0.options.memory: expected a size of at least 6 MB',
    ],
    ['{type: redis, options: {memory: 5}}', 'services.0.options.memory: expected a size of at least 6 MB'],
    ['{type: redis, options: {memory: -1}}', 'services.0.options.memory: expected a size of at least 6 MB'],
    ['{type: redis, options: {shm_size: 256}}', 'services.0.options.shm_size: expected a size with its unit'],
    [
      '{type: redis, options: {initial_network: host}}',
      'initial_network: expected the name of a Docker network, other',
    ],
    ['{type: redis, options: {post_start_network: "container:x"}}', 'expected the name of a Docker network'],
    ['{type: redis, options: {post_start_network: --privileged}}', 'expected the name of a Docker network'],
    [
      '{type: redis, options: {config_options: -v /:/host}}',
      'services.0.options.config_options is not a known key',
    ],
    ['{type: redis, options: {root_password: long-enough}}', 'a redis service has no password for root'],
    [
      '{type: mysql, options: {root_password: $SHORT}}',
      'services.options.root_password: it must have at least 8',
    ],
    [
      '{type: mysql, options: {password: "pass@host/1"}}',
      'services.options.password: it must have at least 8',
    ],
    ['{type: mysql, options: {password: -n123456789}}', 'services.options.password: it must have at least 8'],
    ['{type: mysql, options: {password: $NONE}}', 'services.options.password: the variable NONE is not set'],
    ['{type: mysql, as: 1DB}', 'services.as: the key may have only letters'],
    ['{type: mysql, as: dokku_deploy_owner}', 'services.as: keys with DOKKU_DEPLOY_ are reserved'],
  ])('%s are refused', async (entry, message) => {
    const refused = contextOf({ files: { yml: `services: [${entry}]` }, env: { SHORT: 'abc' } });
    await expect(refused).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(message),
    });
  });
});

describe('the variable of a service', () => {
  test('is written in capitals and without _URL', async () => {
    const { services } = await contextOf({ files: { yml: 'services: [{type: redis, as: cache_url}]' } });
    expect(services).toMatchObject([{ as: 'CACHE' }]);
  });

  test.each([
    '[{type: redis, as: CACHE}, {type: postgres, as: CACHE}]',
    '[redis, {type: mysql, as: REDIS}]',
    '[{type: mysql, as: DATABASE}, postgres]',
  ])('is refused if another service has the same: %s', async (services) => {
    await expect(contextOf({ files: { yml: `services: ${services}` } })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^.dokku-deploy.yml: services: \S+ and \S+ are both in (CACHE|REDIS|DATABASE)_URL$/,
      ),
    });
  });

  test('is a warning if two plugins use the same one, since Dokku makes up another name', async () => {
    const { warnings } = await contextOf({
      files: { yml: 'services: [redis, redis, {type: redis, as: CACHE}]' },
    });
    expect(warnings).toEqual([
      {
        about: '.dokku-deploy.yml: services',
        message:
          'redis:feature-x-redis-2 and redis:feature-x-redis are both in REDIS_URL, so Dokku makes up another name for one of them (DOKKU_…_URL); name it with as',
      },
    ]);
  });
});
