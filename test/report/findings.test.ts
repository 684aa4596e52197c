import { expect, test } from 'vitest';
import { formatValidation } from '../../src/report/findings.ts';
import type { Finding } from '../../src/validate/finding.ts';

const finding: Finding = {
  severity: 'error',
  path: 'a.yml',
  line: 1,
  column: 1,
  about: undefined,
  message: 'wrong',
  remedy: undefined,
};

const format = (findings: readonly Finding[], text: string) =>
  formatValidation(
    { findings, files: ['a.yml'], checkedFor: ['staging'], assumed: [] },
    new Map([['a.yml', text]]),
  ).split('\n');

test('of a long line, the part around the column is shown', () => {
  const text = `${'a'.repeat(200)}X${'b'.repeat(200)}`;
  const [, line = '', caret = ''] = format([{ ...finding, column: 201 }], text);
  expect(line.length).toBeLessThan(120);
  expect(line[caret.indexOf('^')]).toBe('X');
});

test('a line cannot move the cursor or hide what follows', () => {
  const [, line = '', caret = ''] = format([{ ...finding, column: 8 }], 'a: \u001b[2J\u202eX');
  expect(line).toBe('  1 | a: �[2J�X');
  expect(caret.indexOf('^')).toBe(line.indexOf('�X'));
});

test('100 findings are shown, and the others are counted', () => {
  const lines = format(
    Array.from({ length: 150 }, () => finding),
    'a: b',
  );
  expect(lines.filter((line) => line.includes('wrong'))).toHaveLength(100);
  expect(lines).toContain('and 50 more');
  expect(lines.at(-2)).toBe('a.yml: 150 problems, no warnings. Checked for staging.');
});
