import { expect, test } from 'vitest';
import { createHeldLines } from '../../src/report/held-lines.ts';

const take = (count: number): string[] => {
  const lines = createHeldLines();
  for (let number = 0; number < count; number += 1) lines.push(String(number));
  return lines.take();
};

test.each([0, 1, 1_000, 2_999])('%i lines are all kept', (count) => {
  expect(take(count)).toEqual(Array.from({ length: count }, (_, number) => String(number)));
});

test('of very many lines, the first and the last are kept, and the others counted', () => {
  const lines = take(100_000);
  const at = lines.findIndex((line) => line.startsWith('… '));
  const omitted = Number(/\d+/.exec(lines[at] ?? '')?.[0]);
  expect(lines.length).toBeLessThanOrEqual(3_001);
  expect([at, lines[at - 1], lines.at(-1)]).toEqual([1_000, '999', '99999']);
  expect(lines.length - 1 + omitted).toBe(100_000);
  expect(Number(lines[at + 1])).toBe(1_000 + omitted);
});

test('lines are taken once', () => {
  const lines = createHeldLines();
  lines.push('a');
  expect([lines.take(), lines.take()]).toEqual([['a'], []]);
});
