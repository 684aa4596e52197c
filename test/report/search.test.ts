import { randomInt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSearch, foldCase } from '../../src/report/search.ts';

const found = (texts: readonly string[], text: string): string[] =>
  createSearch(texts)(text).map(({ start, end }) => `${start}:${text.slice(start, end)}`);

describe('a search finds', () => {
  test.each<[string, readonly string[], string, readonly string[]]>([
    ['nothing without texts', [], 'abcdef', []],
    ['each place, in order', ['abc', 'bcd'], 'abcd abc', ['0:abc', '1:bcd', '5:abc']],
    ['the longest of several texts at one place', ['abc', 'abcdef'], 'abcdef abc', ['0:abcdef', '7:abc']],
    ['a text at the very end', ['xyz'], 'abcxyz', ['3:xyz']],
    ['nothing in a shorter text', ['abcdef'], 'abc', []],
    ['texts of any case', ['AbC'], 'abc ABC', ['0:abc', '4:ABC']],
    ['texts of any case in other alphabets', ['Ärger', 'ΟΔΟΣ'], 'ÄRGER οδος', ['0:ÄRGER', '6:οδος']],
    ['the right place after a letter whose lower case is longer', ['abc'], 'İ abc', ['2:abc']],
    ['texts with special characters', ['.*+', '\\d['], 'x.*+\\d[', ['1:.*+', '4:\\d[']],
  ])('%s', (_, texts, text, expected) => {
    expect(found(texts, text)).toEqual(expected);
  });
});

test('a search finds the same as the simplest one, in random texts', () => {
  const random = (length: number): string => Array.from({ length }, () => 'abAB'[randomInt(4)]).join('');
  for (let round = 0; round < 300; round += 1) {
    const texts = [
      ...new Set(Array.from({ length: 1 + randomInt(12) }, () => foldCase(random(3 + randomInt(6))))),
    ];
    const text = random(80);
    const longestAt = (start: number): string =>
      texts
        .filter((one) => foldCase(text).startsWith(one, start))
        .reduce((longest, one) => (one.length > longest.length ? one : longest), '');
    const expected = [...text].flatMap((__, start) => {
      const longest = longestAt(start);
      return longest === '' ? [] : [`${start}:${text.slice(start, start + longest.length)}`];
    });
    expect(found(texts, text), JSON.stringify({ texts, text })).toEqual(expected);
  }
});

test('a text that repeats itself takes no time that grows with its square', () => {
  const startedAt = performance.now();
  createSearch(['x'.repeat(100_000)])('x'.repeat(1_000_000));
  createSearch(['aaaaaaab'])('a'.repeat(1_000_000));
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
