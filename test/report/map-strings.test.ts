import { expect, test } from 'vitest';
import { mapStrings } from '../../src/report/map-strings.ts';

test('each string of plain data is changed, and nothing else', () => {
  const data = { a: 'x', b: [1, 'y', { c: null, d: undefined, e: true, f: ['z'] }] };
  const changed = { a: 'X', b: [1, 'Y', { c: null, d: undefined, e: true, f: ['Z'] }] };
  expect(mapStrings(data, (text) => text.toUpperCase())).toEqual(changed);
});

test('a key named like a member of Object.prototype stays a key', () => {
  const data = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  expect(JSON.stringify(mapStrings(data, (text) => text.toUpperCase()))).toBe(
    '{"__proto__":"X","constructor":"Y"}',
  );
});
