import { expect, test } from 'vitest';
import { parseServiceFlags } from '../../../sandbox/services/flags.ts';

const read = (...words: string[]) => {
  const { values, parseErrors } = parseServiceFlags(words);
  return { values: Object.fromEntries(values), parseErrors };
};

test('a long flag becomes a letter with the next word as its value', () => {
  expect(read('--alias', 'main', '--no-restart', '--querystring', 'pool=5')).toEqual({
    values: { a: 'main', n: '', q: 'pool=5' },
    parseErrors: [],
  });
});

test('an unknown long flag is read letter by letter', () => {
  expect(read('--nosuch-flag', 'x')).toEqual({
    values: { n: '', s: 'uch-flag' },
    parseErrors: ['illegal option -- -', 'illegal option -- o'],
  });
});

test('the first word that isn’t a flag ends the flags', () => {
  expect(read('-n', 'word', '--alias', 'late')).toEqual({ values: { n: '' }, parseErrors: [] });
});

test('a flag without its value is reported', () => {
  expect(read('--password')).toEqual({ values: {}, parseErrors: ['option requires an argument -- p'] });
});
