import { describe, expect, test } from 'vitest';
import { configurationError, findNearest, quoteValue } from '../src/problems.ts';

describe('a quoted value', () => {
  test.each(['http://dokku', 'ssh://dokku@h x', 'h:1:2', 'é'.repeat(100)])('is all of %j', (value) => {
    expect(quoteValue(value)).toBe(JSON.stringify(value));
  });

  test.each([
    ['a key of many lines', '-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjE\n'],
    ['a key in one line', 'b3BlbnNzaC1rZXktdjE'.repeat(6)],
    ['a URL with a password', 'https://me:p/w@h/x'],
    ['a password before a host', 'ssh://dokku:pw@h:22/path'],
  ])('shows nothing of %s', (_, value) => {
    expect(quoteValue(value)).toBe('it');
  });
});

describe('the error of all problems', () => {
  const problems = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      where: `x.yml:${index}`,
      message: 'wrong',
      remedy: 'Fix it.',
    }));

  test('is the problem itself if there is one', () => {
    expect(configurationError(problems(1))).toMatchObject({
      message: 'x.yml:0: wrong',
      remedy: 'Fix it.',
      said: [],
    });
  });

  test('lists a problem once that was found twice', () => {
    expect(configurationError([...problems(1), ...problems(1)])).toMatchObject({ message: 'x.yml:0: wrong' });
  });

  test('lists each problem with its remedy', () => {
    expect(configurationError(problems(2))).toMatchObject({
      message: expect.stringContaining('2 settings are missing or wrong'),
      said: ['x.yml:0: wrong', '    Fix it.', 'x.yml:1: wrong', '    Fix it.'],
    });
  });

  test('more than 30 problems are counted, not listed', () => {
    const { said } = configurationError(problems(1_000));
    expect([said.length, said.at(-1)]).toEqual([61, 'and 970 more']);
  });
});

test.each([
  ['prodution', 'production'],
  ['Staging', 'staging'],
  ['qa', undefined],
])('the nearest word to %s is %s', (word, nearest) => {
  expect(findNearest(word, ['production', 'staging'])).toBe(nearest);
});
