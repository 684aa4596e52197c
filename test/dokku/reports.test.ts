import { describe, expect, test } from 'vitest';
import { hasBuilds, wasCanceled } from '../../src/dokku/reports.ts';
import { recordedAnswer } from '../support/recorded-answer.ts';

describe('the recorded answer of builds:list', () => {
  test.each([
    ['day2-103', 'names a running build', true],
    ['day2-090', 'names none', false],
  ])('%s %s', (id, _, expected) => {
    expect(hasBuilds(recordedAnswer(id).stdout)).toBe(expected);
  });

  test.each([
    ['lock-3-024', 'was canceled', true],
    ['lock-3-006', 'was not canceled', false],
  ])('%s names a newest build that %s', (id, _, expected) => {
    expect(wasCanceled(recordedAnswer(id).stdout)).toBe(expected);
  });
});

test('an answer that was not recorded is an error of the test', () => {
  expect(() => recordedAnswer('scale-0')).toThrow('there is no recorded answer scale-0');
});
