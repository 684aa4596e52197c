import { describe, expect, test } from 'vitest';
import { splitLines } from '../../src/ssh/lines.ts';

const split = (chunks: readonly (string | Buffer)[], maxLength?: number): string[] => {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line), maxLength);
  for (const chunk of chunks) splitter.push(Buffer.from(chunk as string));
  splitter.end();
  return lines;
};

describe('a stream of bytes is split into lines', () => {
  test.each<[string, readonly (string | Buffer)[], string[]]>([
    ['with a newline at the end', ['a\nb\n'], ['a', 'b']],
    ['without a newline at the end', ['a\nb'], ['a', 'b']],
    ['with empty lines', ['\n\na\n'], ['', '', 'a']],
    ['with CRLF, also across chunks', ['a\r', '\nb\r\n'], ['a', 'b']],
    ['with carriage returns inside', ['10%\r20%\n'], ['10%\r20%']],
    ['with a character across chunks', [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ['é']],
    ['without any bytes', [], []],
  ])('%s', (_, chunks, lines) => {
    expect(split(chunks)).toEqual(lines);
  });

  test('of which a long one ends with the number of dropped characters', () => {
    expect(split(['abc', 'defgh\nshort\n', '0123456789'], 5)).toEqual([
      'abcde … (3 more characters)',
      'short',
      '01234 … (5 more characters)',
    ]);
  });

  test('in time linear in the length of a line', () => {
    const chunk = 'x'.repeat(32_000);
    const startedAt = performance.now();
    split(Array.from({ length: 2_000 }, () => chunk));
    // 64 MB. A splitter that copies the line for each chunk copies 64 GB.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
