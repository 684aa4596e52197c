import { describe, expect, test } from 'vitest';
import { codeBlock, codeSpan, escapeMarkdown, markdownLink, truncate } from '../../src/notify/markup.ts';

describe('truncate cuts', () => {
  test.each([
    ['short', 10, 'short'],
    ['just right', 10, 'just right'],
    ['a bit too long', 10, 'a bit too…'],
    ['ab😀cd', 4, 'ab…'],
  ])('%s to %i', (text, length, expected) => {
    expect(truncate(text, length)).toBe(expected);
  });
});

test.each([
  ['main', '`main`'],
  ['a`b', '``a`b``'],
  ['`a``', '``` `a`` ```'],
  ['two\nlines', '`two lines`'],
])('%j is code in Markdown: %s', (text, expected) => {
  expect(codeSpan(text)).toBe(expected);
});

test('a code block cannot be closed by its content', () => {
  expect(codeBlock('a\n```\nb')).toBe('````\na\n```\nb\n````');
});

test('the URL of a link cannot end early', () => {
  expect(markdownLink('http://a.example/(x) y', 'text')).toBe('[text](http://a.example/%28x%29%20y)');
});

test('escaped text has no formatting and mentions no one', () => {
  expect(escapeMarkdown('*a* @all #1 [x](y)\n<b>')).toBe('\\*a\\* @\u200ball \\#1 \\[x\\](y) \\<b\\>');
});
