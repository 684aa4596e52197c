import { describe, expect, test } from 'vitest';
import { readAddons } from '../../src/context/addons.ts';

describe('an add-on', () => {
  test.each([
    ['heroku-postgresql:essential-0', 'postgres'],
    ['heroku-redis', 'redis'],
    ['jawsdb:kitefin', 'mysql'],
    ['memcachier', 'memcached'],
    ['dokku-clickhouse', 'clickhouse'],
    ['dokku-inhouse', 'inhouse'],
    [{ plan: 'mongolab', as: 'MONGO' }, 'mongo'],
    [
      { plan: 'heroku-postgresql', as: 'FOLLOWER' },
      { type: 'postgres', as: 'FOLLOWER' },
    ],
    [
      { plan: 'heroku-postgresql', options: { version: '16' } },
      { type: 'postgres', version: '16' },
    ],
    [
      { plan: 'heroku-redis', options: { version: 7.2 } },
      { type: 'redis', version: '7.2' },
    ],
    [{ plan: 'mysql', as: 5, options: [] }, 'mysql'],
  ])('%j is the service %j', (addon, service) => {
    expect(readAddons([addon])).toEqual({ services: [service], leftOut: [] });
  });

  test.each([
    ['papertrail:choklad', 'papertrail'],
    ['constructor', 'constructor'],
    ['__proto__', '__proto__'],
    ['toString:x', 'toString'],
    ['dokku-a b', 'dokku-a b'],
    ['', ''],
    [null, 'null'],
    [1, '1'],
    [{ plan: 5 }, '5'],
    [{}, 'null'],
    [['x'], '["x"]'],
  ])('%j is left out as %j', (addon, name) => {
    expect(readAddons([addon])).toEqual({ services: [], leftOut: [name] });
  });

  test.each([undefined, null, 'mysql', {}])('is none of %j, which is not a list', (addons) => {
    expect(readAddons(addons)).toEqual({ services: [], leftOut: [] });
  });
});
