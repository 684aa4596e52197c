import { describe, expect, test } from 'vitest';
import { DeployError } from '../src/errors.ts';

const linesOf = (said: readonly string[]) => new DeployError('host-refused', { message: 'No.', said }).said;

describe('the output in an error', () => {
  test('is repeated as it is', () => {
    expect(linesOf(['one', 'two'])).toEqual(['one', 'two']);
  });

  test('has at most 200 lines: the first and the last ones', () => {
    const lines = linesOf(Array.from({ length: 100_000 }, (_, index) => `line ${index}`));
    expect(lines).toHaveLength(201);
    expect([lines[0], lines[99], lines[100], lines[101], lines[200]]).toEqual([
      'line 0',
      'line 99',
      '… (99800 more lines)',
      'line 99900',
      'line 99999',
    ]);
  });

  test('has lines of at most 2,000 characters', () => {
    expect(linesOf(['x'.repeat(2_003)])).toEqual([`${'x'.repeat(2_000)} … (3 more characters)`]);
  });
});
