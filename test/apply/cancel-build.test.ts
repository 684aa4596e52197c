import { describe, expect, test } from 'vitest';
import { cutOff, locked, useShop } from '../support/ship-from.ts';

const { shipTo } = useShop();

describe('a stop cancels our own build', () => {
  test.each([
    ['that has begun', `echo "-----> Cleaning up..."; exit 1`, /Cleaning/],
    [
      'that begins after the stop',
      `echo "Resolving deltas: 100%"; echo "-----> Cleaning up..."; exit 1`,
      /deltas/,
    ],
    ['after a lost connection', `echo "-----> Cleaning up..."; ${cutOff}`, /^apps:locked/],
  ])('%s', async (_, hook, stopAt) => {
    const { came, asked, told } = await shipTo(hook, { stopAt, answers: [locked, locked] });
    expect(came).toMatchObject({ code: 'terminated' });
    expect(asked.filter((line) => line.startsWith('builds:'))).toEqual(['builds:cancel shop']);
    expect(told.at(-1)).toBe('warning: stopped: the build of shop was cancelled on the host');
  });
});

describe('a stop whose cancel is not confirmed', () => {
  test('says that the build continues: each answer to builds:cancel is a success', async () => {
    const { came, told } = await shipTo('echo "-----> Cleaning up..."; exit 1', {
      stopAt: /Cleaning/,
      answers: Array.from({ length: 20 }, () => locked),
    });
    expect(came).toMatchObject({ code: 'terminated' });
    expect(told.at(-1)).toContain('the build of shop could not be cancelled and continues on the host');
  });
});
