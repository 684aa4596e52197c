import { describe, expect, test } from 'vitest';
import {
  checkAppName,
  deriveAppName,
  deriveServiceName,
  maxAppNameLength,
  maxServiceNameLength,
  slugify,
} from '../../src/context/name-rules.ts';

const project = 'group/shop';

describe('a review app’s name', () => {
  test.each([
    ['feature-x', 'feature-x'],
    ['a', 'a'],
    ['x'.repeat(maxAppNameLength), 'x'.repeat(maxAppNameLength)],
  ])('stays %s', (wanted, name) => {
    expect(deriveAppName(wanted, { ref: 'r', project })).toBe(name);
  });

  test.each([
    ['x'.repeat(63)],
    [''],
    ['---'],
    ['Shop.v2'],
    ['a_b'],
    ['ends-'],
    ['🚀'],
    ['a'.repeat(31) + '-'.repeat(20)],
  ])('is made from %j so that no host breaks on it, the same each time', (wanted) => {
    const name = deriveAppName(wanted, { ref: 'r', project });
    expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
    expect([checkAppName(name), deriveAppName(wanted, { ref: 'r', project })]).toEqual([undefined, name]);
  });

  test('that had to be changed is shared by no other branch or project', () => {
    const long = 'x'.repeat(63);
    const names = [
      deriveAppName(long, { ref: 'one', project }),
      deriveAppName(long, { ref: 'two', project }),
      deriveAppName(long, { ref: 'one', project: 'group/other' }),
    ];
    expect(new Set(names).size).toBe(3);
  });
});

test.each([
  ['feature/Ajout-du-prénom_2', 'feature-ajout-du-pr-nom-2'],
  [`${'x'.repeat(62)}-y`, 'x'.repeat(62)],
  ['--a--', 'a'],
])('the slug of %j is GitLab’s', (ref, slug) => {
  expect(slugify(ref)).toBe(slug);
});

test.each([
  ['mysql', 52],
  ['postgres', 49],
  ['redis', 52],
])('a %s service’s name is at most %i long, as recorded, and keeps its app apart', (plugin, longest) => {
  expect(maxServiceNameLength(plugin)).toBe(longest);
  const app = 'a'.repeat(60);
  const names = [deriveServiceName(app, 'database', plugin), deriveServiceName(app, 'cache', plugin)];
  expect(names.map((name) => name.length <= longest)).toEqual([true, true]);
  expect(new Set(names).size).toBe(2);
  expect(deriveServiceName('shop', 'database', plugin)).toBe('shop-database');
});

test.each(['a.b', 'A', 'a_b', '-a', 'a-', 'x'.repeat(64), ''])(
  'the name %j, chosen by a person, is refused',
  (name) => {
    expect(checkAppName(name)).toBeTypeOf('string');
  },
);
