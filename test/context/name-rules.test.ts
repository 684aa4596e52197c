import { describe, expect, test } from 'vitest';
import {
  checkAppName,
  checkEnvironmentAppName,
  deriveAppName,
  deriveServiceName,
  maxAppNameLength,
  maxServiceNameLength,
  slugify,
} from '../../src/context/name-rules.ts';

const project = 'group/shop';

describe('the name of a review app', () => {
  test.each([
    ['feature-x', 'feature-x'],
    ['a', 'a'],
    ['x'.repeat(maxAppNameLength), 'x'.repeat(maxAppNameLength)],
  ])('stays %s', (wanted, name) => {
    expect(deriveAppName(wanted, ['r', project])).toBe(name);
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
  ])('made from %j is valid, and the same each time', (wanted) => {
    const name = deriveAppName(wanted, ['r', project]);
    expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
    expect([checkAppName(name), deriveAppName(wanted, ['r', project])]).toEqual([undefined, name]);
  });

  test('that had to be changed is unique to its branch and project', () => {
    const long = 'x'.repeat(63);
    const names = [
      deriveAppName(long, ['one', project]),
      deriveAppName(long, ['two', project]),
      deriveAppName(long, ['one', 'group/other']),
    ];
    expect(new Set(names).size).toBe(3);
  });
});

test.each([
  ['feature/Ajout-du-prénom_2', 'feature-ajout-du-pr-nom-2'],
  [`${'x'.repeat(62)}-y`, 'x'.repeat(62)],
  ['--a--', 'a'],
])('the slug of %j is the same as GitLab’s', (ref, slug) => {
  expect(slugify(ref)).toBe(slug);
});

test.each([
  ['mysql', 52],
  ['postgres', 49],
  ['redis', 52],
])(
  'the name of a %s service has at most %i characters, as recorded, and is unique to its app and suffix',
  (plugin, longest) => {
    expect(maxServiceNameLength(plugin)).toBe(longest);
    const app = 'a'.repeat(60);
    const names = [deriveServiceName(app, 'database', plugin), deriveServiceName(app, 'cache', plugin)];
    expect(names.map((name) => name.length <= longest)).toEqual([true, true]);
    expect(new Set(names).size).toBe(2);
    expect(deriveServiceName('shop', 'database', plugin)).toBe('shop-database');
    expect(deriveServiceName('shop.example.com', 'database', plugin)).toMatch(
      /^shop-example-com-database-[0-9a-f]{8}$/,
    );
  },
);

test.each(['a.b', 'A', 'a_b', '-a', 'a-', 'x'.repeat(64), ''])(
  'the name %j is refused if a user chose it',
  (name) => {
    expect(checkAppName(name)).toBeTypeOf('string');
  },
);

test.each(['shop.example.com', 'web_shop', 'shop-', 'x'.repeat(128)])(
  'the name %j is accepted for the app of an environment, since such apps exist',
  (name) => {
    expect(checkEnvironmentAppName(name)).toBeUndefined();
  },
);

test.each(['', 'a b', '-a', '--force', '.a', '../a', 'A', "a'b", 'a;b', 'a\nb', 'x'.repeat(129)])(
  'the name %j is refused for the app of an environment',
  (name) => {
    expect(checkEnvironmentAppName(name)).toBeTypeOf('string');
  },
);
