import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { generateKeyPair } from '../../src/access/generate-key.ts';

test('every generated key can be read, also one whose public half begins with a zero byte', () => {
  // Without the check, one of 256 could not: all of these pass by chance once in 1,000 runs.
  const pairs = Array.from({ length: 1_800 }, () => generateKeyPair('ci'));
  const broken = pairs.filter((pair) => ssh2.utils.parseKey(pair.private) instanceof Error);
  expect(broken).toEqual([]);
});
