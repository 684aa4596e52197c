import { describe, expect, test } from 'vitest';
import { confirmStep, findLostConfig } from '../../src/plan/confirm.ts';
import { formatMarker } from '../../src/plan/marker.ts';
import { mergeMark } from '../../src/plan/merge-marks.ts';
import { Secret } from '../../src/secret.ts';

const marker = (...names: readonly string[]) =>
  formatMarker({
    app: 'fix',
    projectId: '42',
    project: 'group/shop',
    ref: 'fix',
    environment: undefined,
    services: names.map((name) => ({ plugin: 'redis', name })),
  });

const link = { words: ['redis:link', 'fix-redis', 'fix', '--no-restart'] };
const step = confirmStep('fix', {
  needs: [],
  removed: ['OLD', 'DATABASE_URL'],
  values: {
    DOKKU_DEPLOY_REVIEW: marker('fix-redis'),
    A: { secret: 'config.A' },
    T: { secret: 'generated.T' },
  },
  links: [{ service: { plugin: 'redis', name: 'fix-redis' }, command: link }],
});
const vault = new Map([
  ['config.A', new Secret('config.A', 'one')],
  ['generated.T', new Secret('generated.T', 'random')],
]);
const complete = {
  DOKKU_DEPLOY_REVIEW: marker('fix-redis'),
  A: 'one',
  T: 'random',
  REDIS_URL: 'redis://:x@dokku-redis-fix-redis:6379',
};

const lostOf = (changes: Readonly<Record<string, string | undefined>> = {}) => {
  const config = Object.entries({ ...complete, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return findLostConfig(step, new Map(config), vault);
};

describe('the check of what a plan has written', () => {
  test('finds nothing lost when everything has arrived', () => {
    expect(lostOf()).toEqual({ write: undefined, unset: undefined, links: [], names: [] });
  });

  test('finds a removed key that is back, unless a service has been linked to it since', () => {
    const DATABASE_URL = 'postgres://postgres:x@dokku-postgres-fix-database:5432/fix_database';
    expect(lostOf({ OLD: 'value', DATABASE_URL })).toEqual({
      write: undefined,
      unset: { words: ['config:unset', '--no-restart', 'fix', 'OLD'] },
      links: [],
      names: ['OLD'],
    });
  });

  test('finds a lost link, a lost value and a lost marker, and how to write them again', () => {
    const { write, links, names } = lostOf({
      REDIS_URL: undefined,
      A: 'old',
      DOKKU_DEPLOY_REVIEW: undefined,
    });
    expect(names).toEqual(['DOKKU_DEPLOY_REVIEW', 'A', 'fix-redis']);
    expect(write?.command.stdin).toEqual({
      DOKKU_DEPLOY_REVIEW: marker('fix-redis'),
      A: { secret: 'config.A' },
    });
    expect(links).toEqual([link]);
  });

  test('keeps a secret that another job has generated', () => {
    expect(lostOf({ T: 'another' }).names).toEqual([]);
    expect(lostOf({ T: undefined }).names).toEqual(['T']);
  });

  test('keeps the services that another job of the app has named in the marker', () => {
    expect(lostOf({ DOKKU_DEPLOY_REVIEW: marker('fix-redis', 'fix-more') }).names).toEqual([]);
    const { write } = lostOf({ DOKKU_DEPLOY_REVIEW: marker('fix-more') });
    expect(write?.command.stdin).toEqual({ DOKKU_DEPLOY_REVIEW: marker('fix-more', 'fix-redis') });
  });
});

test('the services of an environment are merged too, and other records are not', () => {
  expect(mergeMark('DOKKU_DEPLOY_SERVICES', 'redis:a', 'mysql:b,redis:a', 'x')).toBe('mysql:b,redis:a');
  expect(mergeMark('DOKKU_DEPLOY_SERVICES', 'redis:a', undefined, 'x')).toBe('redis:a');
  expect(mergeMark('DOKKU_DEPLOY_KEYS', 'A', 'A,B', 'x')).toBe('A');
  expect(mergeMark('DOKKU_DEPLOY_REVIEW', marker('a'), 'forged', 'fix')).toBe(marker('a'));
});
