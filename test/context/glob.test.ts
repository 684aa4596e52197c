import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/context/glob.ts';

test.each([
  ['production', 'production', true],
  ['production', 'production/eu', false],
  ['production/*', 'production/eu', true],
  ['production/*', 'production', false],
  ['*', '', true],
  ['*-eu', 'production-eu', true],
  ['p*n*eu', 'production/eu', true],
  ['a*a', 'a', false],
  ['a*b*b', 'ab', false],
  ['a.c', 'abc', false],
  ['(a+)+$', 'aaaa', false],
])('the pattern %j on %j: %s', (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

test('a pattern with many stars takes no longer than the text is long', () => {
  const started = performance.now();
  expect(matchesGlob(`${'a*'.repeat(5_000)}b`, 'a'.repeat(100_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});
