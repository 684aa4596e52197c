import { describe, expect, test } from 'vitest';
import { type DeliveryAttempt, type DeliveryResult, deliver } from '../../src/notify/delivery.ts';

const failed = (again: boolean, more: { retryAfter?: number } = {}): DeliveryResult => ({
  kind: 'failed',
  reason: 'no luck',
  retryable: again,
  ...more,
});

/** An attempt that returns these results one after the other, and counts its calls. */
const inTurn = (
  ...ends: readonly DeliveryResult[]
): { readonly attempt: DeliveryAttempt; readonly count: () => number } => {
  let count = 0;
  return { attempt: async () => ends[count++] ?? failed(false), count: () => count };
};

const hanging: DeliveryAttempt = () => new Promise(() => {});

describe('a message is delivered', () => {
  test('by the first attempt', async () => {
    const { attempt, count } = inTurn({ kind: 'delivered' });
    expect([await deliver(attempt), count()]).toEqual([undefined, 1]);
  });

  test('by the second attempt, after the delay that the receiver asks for', async () => {
    const { attempt, count } = inTurn(failed(true, { retryAfter: 30 }), { kind: 'delivered' });
    const startedAt = performance.now();
    expect([await deliver(attempt), count()]).toEqual([undefined, 2]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });
});

describe('a delivery fails', () => {
  test('after the second attempt', async () => {
    const { attempt, count } = inTurn(failed(true, { retryAfter: 1 }), failed(true), { kind: 'delivered' });
    expect([await deliver(attempt), count()]).toEqual(['no luck', 2]);
  });

  test('without a second attempt if that would not help', async () => {
    const { attempt, count } = inTurn(failed(false), { kind: 'delivered' });
    expect([await deliver(attempt), count()]).toEqual(['no luck', 1]);
  });

  test('without a second attempt if the receiver asks for a delay beyond the timeout', async () => {
    const { attempt, count } = inTurn(failed(true, { retryAfter: 60_000 }), { kind: 'delivered' });
    expect([await deliver(attempt), count()]).toEqual(['no luck', 1]);
  });

  test('at the timeout, and the attempt is aborted', async () => {
    let ended = false;
    const attempt: DeliveryAttempt = (signal) => {
      signal.addEventListener('abort', () => {
        ended = true;
      });
      return hanging(signal);
    };
    expect(await deliver(attempt, { timeout: 50 })).toBe('no answer within 0.05 s');
    expect(ended).toBe(true);
  });

  test('when the run is stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort('SIGTERM'), 20);
    expect(await deliver(hanging, { stop: stop.signal })).toBe('the run was stopped');
  });

  test('when the attempt throws', async () => {
    expect(await deliver(() => Promise.reject(new Error('broken')))).toBe('broken');
  });
});
