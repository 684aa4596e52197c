import { expect, test } from 'vitest';
import { selectCopiedEnv } from '../../src/plan/copied-env.ts';

const copied = (config: Readonly<Record<string, string>>, assigned: readonly string[] = []) =>
  selectCopiedEnv(new Map(Object.entries(config)), new Set(assigned));

test('ordinary settings are copied', () => {
  const config = {
    RAILS_ENV: 'production',
    API: 'https://api.example.com',
    DB_POOL: '5',
  };
  expect(copied(config)).toEqual({
    values: new Map(Object.entries(config)),
    leftOut: [],
    secrets: [],
    services: new Map(),
  });
});

test('what may be secret is copied only if the operator allows it', () => {
  const config = { SECRET_KEY_BASE: 'x'.repeat(64), STRIPE_KEY: 'sk_live_1', DB_HOST: 'replica.example.com' };
  expect(copied(config)).toMatchObject({
    values: new Map(),
    leftOut: ['DB_HOST'],
    secrets: ['SECRET_KEY_BASE', 'STRIPE_KEY'],
  });
  const allowed = copied({ ...config, DOKKU_DEPLOY_INHERITABLE: 'SECRET_KEY_BASE, DB_HOST' });
  expect([[...allowed.values.keys()], allowed.secrets]).toEqual([
    ['SECRET_KEY_BASE', 'DB_HOST'],
    ['STRIPE_KEY'],
  ]);
});

test('what leads to a service of the other app is not copied, even if the operator allows it', () => {
  const config = {
    DOKKU_DEPLOY_INHERITABLE: 'DATABASE_URL,COPY,WORD',
    DATABASE_URL: 'postgres://postgres:p4ssw0rd@dokku-postgres-db:5432/db',
    COPY: '{"host": "dokku-postgres-db"}',
    WORD: 'p4ssw0rd',
  };
  expect(copied(config)).toMatchObject({ values: new Map(), leftOut: ['DATABASE_URL', 'COPY', 'WORD'] });
});

test.each([
  ['DATABASE_URL', 'postgres://u:p@dokku-postgres-shop-db:5432/shop_db'],
  ['OTHER', 'mysql2://u:p@db.example.com/shop'],
  ['QUEUE', 'amqps://u:p@mq.example.com'],
  ['SETTINGS', '{"main": "mongodb+srv://u:p@cluster.example.com/shop"}'],
  ['JDBC', 'jdbc:postgresql://db.example.com/shop'],
  ['DB_HOST', 'db.example.com'],
  ['PGPASSWORD', 'hunter2'],
  ['APP_DATABASE_NAME', 'shop'],
  ['REDIS_HOST', 'cache.example.com'],
])('%s=%s leads to data, and is left out', (key, value) => {
  expect(copied({ [key]: value })).toMatchObject({ values: new Map(), leftOut: [key] });
});

test('what Dokku and this tool write, and what the review app has from elsewhere, is not even mentioned', () => {
  const config = {
    GIT_REV: 'abc',
    NO_VHOST: '1',
    DOKKU_APP_RESTORE: '0',
    DOKKU_DEPLOY_OWNER: 'format=v2',
    DOKKU_POSTGRES_AQUA_URL: 'postgres://u:p@dokku-postgres-other:5432/other',
    RAILS_ENV: 'production',
    DATABASE_URL: 'postgres://u:p@dokku-postgres-db:5432/db',
  };
  expect(copied(config, ['RAILS_ENV', 'DATABASE_URL'])).toMatchObject({ values: new Map(), leftOut: [] });
});

test('what Dokku cannot store is left out', () => {
  expect(copied({ A: 'ends\\', B: '007', C: '7' })).toMatchObject({
    values: new Map([['C', '7']]),
    leftOut: ['A', 'B'],
  });
});

test('the services behind the URLs are named by their plugins', () => {
  const config = {
    DATABASE_URL: 'mysql://mysql:p@dokku-mysql-shop-database:3306/shop',
    CACHE_URL: 'redis://:p@dokku-redis-shop:6379',
    EXTERNAL_URL: 'postgres://u:p@db.example.com/x',
  };
  expect(copied(config).services).toEqual(
    new Map([
      ['DATABASE_URL', 'mysql'],
      ['CACHE_URL', 'redis'],
    ]),
  );
});
