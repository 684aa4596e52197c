import { expect, test } from 'vitest';
import { parseServiceFlags } from '../../../sandbox/services/flags.ts';

const read = (...words: string[]) => {
  const { values, complaints } = parseServiceFlags(words);
  return { values: Object.fromEntries(values), complaints };
};

test('long flags become letters with the next word as their value', () => {
  expect(read('--alias', 'main', '--no-restart', '--querystring', 'pool=5')).toEqual({
    values: { a: 'main', n: '', q: 'pool=5' },
    complaints: [],
  });
});

test('an unknown long flag is taken apart into letters', () => {
  expect(read('--nosuch-flag', 'x')).toEqual({
    values: { n: '', s: 'uch-flag' },
    complaints: ['illegal option -- -', 'illegal option -- o'],
  });
});

test('the first word that is no flag ends them', () => {
  expect(read('-n', 'word', '--alias', 'late')).toEqual({ values: { n: '' }, complaints: [] });
});

test('a flag without its value is complained of', () => {
  expect(read('--password')).toEqual({ values: {}, complaints: ['option requires an argument -- p'] });
});
