import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { computeDigest, hashPart } from '../../src/settings/digest.ts';

const vault = (value: string) => new Map([['tls.key', new Secret('tls.key', value)]]);
const digest = (declared: unknown, app = 'shop', key = 'one') => computeDigest(app, declared, vault(key));

describe('the digest of a declaration', () => {
  test('is the same whatever the order of the keys, and whether a key is undefined or missing', () => {
    const declared = { a: 1, b: { c: 'x', d: [true, null] } };
    expect(digest(declared)).toMatch(/^[0-9a-f]{16}$/);
    expect(digest({ b: { d: [true, null], c: 'x' }, e: undefined, a: 1 })).toBe(digest(declared));
  });

  test.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { b: 1 }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ a: 1 }, { a: 1, b: null }],
    [
      ['x', 'y'],
      ['y', 'x'],
    ],
    ['none', { none: true }],
  ])('of %j differs from that of %j', (one, other) => {
    expect(digest(one)).not.toBe(digest(other));
  });

  test('depends on the app, and on the values of the secrets, not on their names', () => {
    const declared = { key: { secret: 'tls.key' } };
    expect(digest(declared, 'shop', 'one')).toBe(digest(declared, 'shop', 'one'));
    expect(digest(declared, 'shop', 'one')).not.toBe(digest(declared, 'shop', 'two'));
    expect(digest(declared, 'shop')).not.toBe(digest(declared, 'other'));
    const renamed = new Map([['other.key', new Secret('other.key', 'one')]]);
    expect(computeDigest('shop', { key: { secret: 'other.key' } }, renamed)).toBe(digest(declared));
  });
});

test('the hash of a part depends on the app, the key and the part', () => {
  const hashes = [
    hashPart('shop', 'storage', '/data'),
    hashPart('other', 'storage', '/data'),
    hashPart('shop', 'ports', '/data'),
    hashPart('shop', 'storage', '/other'),
  ];
  expect(hashes[0]).toMatch(/^[0-9a-f]{8}$/);
  expect(new Set(hashes).size).toBe(4);
});
