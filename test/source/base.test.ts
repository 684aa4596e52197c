import { expect, test } from 'vitest';
import { formatBase, parseBase } from '../../src/source/base.ts';

const [one, two] = ['1'.repeat(40), 'a'.repeat(40)];

test.each([
  { kind: 'files', manifest: one },
  { kind: 'tree', tree: one, extra: new Map() },
  { kind: 'tree', tree: one, extra: new Map([['app.json', two]]) },
] as const)('a base is read as it was written: $kind', (base) => {
  expect(parseBase(formatBase(base))).toEqual(base);
});

test.each([
  '',
  'tree',
  `tree:${one.slice(1)}`,
  `tree:${one},a`,
  `files:${one},app.json=${two}`,
  `x:${one}`,
  `tree:${one}\n`,
])('other text is not a base: %j', (text) => {
  expect(parseBase(text)).toBeUndefined();
});
