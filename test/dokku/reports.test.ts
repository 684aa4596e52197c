import { describe, expect, test } from 'vitest';
import { hasBuilds, readConfig, readConfigOrFail, wasCanceled } from '../../src/dokku/reports.ts';
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

describe('the configuration of an app', () => {
  test('is read from JSON, with every value as text', () => {
    expect(readConfig('{"A":"1","B":2}')).toEqual(
      new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
    );
  });

  test.each(['', 'Welcome to Ubuntu', '["A"]', 'null', '"A"', '{"A":'])('is not read from %j', (answer) => {
    expect(readConfig(answer)).toBeUndefined();
    const command = { words: ['config:export', 'shop'] };
    expect(() => readConfigOrFail(command, answer)).toThrow(
      expect.objectContaining({
        code: 'host-refused',
        message: 'The host’s answer to config:export shop is not JSON.',
      }),
    );
  });
});

test('an answer that was not recorded is an error of the test', () => {
  expect(() => recordedAnswer('scale-0')).toThrow('there is no recorded answer scale-0');
});
