import { expect, test } from 'vitest';
import { createState } from '../../../sandbox/host/create-state.ts';
import type { Service } from '../../../sandbox/host/service.ts';
import type { SandboxState } from '../../../sandbox/host/state.ts';
import { hostName, makeReachable, serviceUrl } from '../../../sandbox/services/address.ts';

const service = (plugin: string, name: string, port?: number): Service =>
  ({ plugin, name, password: 'pw', port }) as Service;

const stateOf = (...services: readonly Service[]): SandboxState => {
  const byPlugin = new Map<string, Map<string, Service>>();
  for (const one of services) {
    const byName = byPlugin.get(one.plugin) ?? new Map<string, Service>();
    byPlugin.set(one.plugin, byName.set(one.name, one));
  }
  return { ...createState([], 0), services: byPlugin };
};

test('a URL has dashes instead of underscores in its host, and the reverse in its database name', () => {
  expect(hostName(service('postgres', 's_pg-1'))).toBe('dokku-postgres-s-pg-1');
  expect(serviceUrl(service('postgres', 's_pg-1'))).toBe(
    'postgres://postgres:pw@dokku-postgres-s-pg-1:5432/s_pg_1',
  );
});

test('each kind of service has its own form of URL', () => {
  const urls = ['mysql', 'mariadb', 'redis', 'mongo'].map((plugin) => serviceUrl(service(plugin, 'a-b')));
  expect(urls).toEqual([
    'mysql://mysql:pw@dokku-mysql-a-b:3306/a_b',
    'mysql://mariadb:pw@dokku-mariadb-a-b:3306/a_b',
    'redis://:pw@dokku-redis-a-b:6379',
    'mongodb://a-b:pw@dokku-mongo-a-b:27017/a_b',
  ]);
});

test('an app’s scheme replaces the default, unless it is empty', () => {
  expect(serviceUrl(service('mysql', 'x'), 'mysql2')).toBe('mysql2://mysql:pw@dokku-mysql-x:3306/x');
  expect(serviceUrl(service('mysql', 'x'), '')).toBe('mysql://mysql:pw@dokku-mysql-x:3306/x');
});

test('a process gets the loopback addresses of running services, and no other value changes', () => {
  const state = stateOf(
    service('mysql', 'shop', 41_000),
    service('mysql', 'shop-2', 41_001),
    service('redis', 'none'),
  );
  const env = {
    DATABASE_URL: 'mysql2://mysql:pw@dokku-mysql-shop-2:3306/shop_2?pool=5',
    OTHER_URL: 'mysql://mysql:pw@dokku-mysql-shop:3306/shop',
    REDIS_URL: 'redis://:pw@dokku-redis-none:6379',
    TEXT: 'dokku-mysql-shop',
  };
  expect(makeReachable(env, state)).toEqual({
    DATABASE_URL: 'mysql2://mysql:pw@127.0.0.1:41001/shop_2?pool=5',
    OTHER_URL: 'mysql://mysql:pw@127.0.0.1:41000/shop',
    REDIS_URL: 'redis://:pw@dokku-redis-none:6379',
    TEXT: 'dokku-mysql-shop',
  });
});
