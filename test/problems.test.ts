import { describe, expect, test } from 'vitest';
import { quoteValue } from '../src/problems.ts';

describe('a problem shows of a wrong value', () => {
  test.each(['http://dokku', 'ssh://dokku@h x', 'h:1:2', 'é'.repeat(100)])('all of %j', (value) => {
    expect(quoteValue(value)).toBe(JSON.stringify(value));
  });

  test.each([
    ['a key of many lines', '-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjE\n'],
    ['a key in one line', 'b3BlbnNzaC1rZXktdjE'.repeat(6)],
    ['a URL with a password', 'https://me:p/w@h/x'],
    ['a password before a host', 'ssh://dokku:pw@h:22/path'],
  ])('nothing of %s', (_, value) => {
    expect(quoteValue(value)).toBe('it');
  });
});
