import { describe, expect, test } from 'vitest';
import { createMask } from '../../src/report/mask.ts';
import { type ContextQuery, contextOf } from '../support/job-context.ts';

const valuesOf = async (query: ContextQuery): Promise<Record<string, string | undefined>> => {
  const { config, vault } = await contextOf(query);
  return Object.fromEntries(config.map((key) => [key, vault.get(`config.${key}`)?.reveal()]));
};

describe('the configuration of an app', () => {
  test('comes from dotenv files, which env overrides, which variables of the job override', async () => {
    const files = {
      yml: 'env_files: [.env, .env.more]\nenv: {B: env, C: env}',
      others: { '.env': 'A=first\nB=first\nD=first', '.env.more': 'D=second' },
    };
    expect(await valuesOf({ files, env: { DOKKU_ENV_C: 'job', DOKKU_ENV_E: '$A' } })).toEqual({
      A: 'first',
      B: 'env',
      C: 'job',
      D: 'second',
      E: '$A',
    });
  });

  test('comes from the files of the narrower block, and from env of both', async () => {
    const yml = 'env_files: .env\nenv: {A: top}\nreview: {env_files: .env.review, env: {B: own}}';
    const others = { '.env': 'C=1', '.env.review': 'C=2' };
    expect(await valuesOf({ files: { yml, others } })).toEqual({ C: '2', A: 'top', B: 'own' });
  });

  test('may be in a file-type variable, or in an ordinary one', async () => {
    const files = { yml: 'env_files: [$FILE, $TEXT]', others: { '/builds/shop.tmp/FILE': 'A=1' } };
    const env = { FILE: '/builds/shop.tmp/FILE', TEXT: 'B=2\nC=3' };
    expect(await valuesOf({ files, env })).toEqual({ A: '1', B: '2', C: '3' });
  });

  test('does not need a variable in env that a variable of the job replaces', async () => {
    expect(await valuesOf({ files: { yml: 'env: {A: $NONE}' }, env: { DOKKU_ENV_A: 'x' } })).toEqual({
      A: 'x',
    });
  });

  test('names in the log what a variable of the job overrides', async () => {
    const { notes } = await contextOf({ files: { yml: 'env: {A: x, B: y}' }, env: { DOKKU_ENV_A: 'z' } });
    expect(notes).toEqual(['DOKKU_ENV_A overrides env.A of .dokku-deploy.yml']);
  });

  test('is not read by a command that sets none', async () => {
    const query = {
      command: 'review stop',
      files: { yml: 'env_files: .env' },
      env: { DOKKU_ENV_A: 'x' },
    } as const;
    expect((await contextOf(query)).config).toEqual([]);
  });

  test('is masked, but for ordinary settings', async () => {
    const files = { yml: 'env_files: .env', others: { '.env': 'STAGE=production\nAPI_KEY=abc def ghi 123' } };
    const { vault } = await contextOf({
      files,
      env: { DOKKU_ENV_PASSWORD: 'correct', DOKKU_ENV_TZ: 'Europe/Paris' },
    });
    const mask = createMask(vault.values());
    expect(mask('production abc def ghi 123 correct Europe/Paris')).toBe(
      'production [config.API_KEY] [config.PASSWORD] Europe/Paris',
    );
  });
});

describe('a configuration that is wrong', () => {
  test.each<[string, string, Record<string, string>, string]>([
    [
      'a file that is missing',
      'env_files: .env.prod',
      {},
      '.dokku-deploy.yml: env_files: .env.prod: no such file',
    ],
    [
      'a variable that is not set',
      'env_files: $FILE',
      {},
      '.dokku-deploy.yml: env_files: the variable FILE is not set',
    ],
    [
      'an empty variable',
      'env_files: $EMPTY',
      { EMPTY: '' },
      '.dokku-deploy.yml: env_files: $EMPTY is empty',
    ],
    ['a path outside', 'env_files: ../.env', {}, 'env_files: ../.env: not a path in the project'],
    [
      'an absolute path',
      'env_files: /etc/environment',
      {},
      'env_files: /etc/environment: not a path in the project',
    ],
    [
      'a wrong type',
      'env_files:\n  a: b',
      {},
      '.dokku-deploy.yml:2:3: env_files: expected the path of a dotenv file',
    ],
    ['a wrong line in a file', 'env_files: .env', {}, '.env:2:1: not of the form KEY=value'],
    [
      'a wrong line in a variable',
      'env_files: $T',
      { T: 'A=1\nB-C=2' },
      '$T:2:1: B-C: the key may have only',
    ],
    ['a variable without a name', '{}', { DOKKU_ENV_: 'x' }, 'DOKKU_ENV_: the key may have only letters'],
    ['a reserved name', '{}', { DOKKU_ENV_GIT_REV: 'x' }, 'DOKKU_ENV_GIT_REV: Dokku writes this key itself'],
    [
      'a mark',
      '{}',
      { DOKKU_ENV_DOKKU_DEPLOY_OWNER: 'x' },
      'DOKKU_ENV_DOKKU_DEPLOY_OWNER: keys with DOKKU_DEPLOY_',
    ],
    ['a value that is rewritten', '{}', { DOKKU_ENV_PIN: '0042' }, 'DOKKU_ENV_PIN: would be changed to 42'],
    [
      'the URL of a service',
      'services: [redis]',
      { DOKKU_ENV_REDIS_URL: 'redis://x' },
      'DOKKU_ENV_REDIS_URL: the redis service in services of .dokku-deploy.yml sets this variable too',
    ],
  ])('by %s is refused with its place', async (_, yml, env, message) => {
    const others = { '.env': 'A=1\nsecret words' };
    await expect(contextOf({ files: { yml, others }, env })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(message),
    });
  });
});
