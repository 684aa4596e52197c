import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { describeUpload, reportUpload } from '../../src/apply/upload-progress.ts';

describe('describeUpload', () => {
  test.each([
    [0, 182_000_000, 10_000, 'sent 0.0 of 182 MB, 0.0 MB/s'],
    [12_000_000, 182_000_000, 10_000, 'sent 12 of 182 MB, 1.2 MB/s, 142 s left'],
    [1_900_000, 2_000_000, 1_000, 'sent 1.9 of 2.0 MB, 1.9 MB/s, 1 s left'],
    [5, 10, 0, 'sent 0.0 of 0.0 MB, 0.0 MB/s, 1 s left'],
    [12_000_000, undefined, 10_000, 'sent 12 MB, 1.2 MB/s'],
    [12_000_000, 11_000_000, 10_000, 'sent 12 MB, 1.2 MB/s'],
  ])('after %d of %s bytes in %d ms, reads: %s', (sent, total, took, text) => {
    expect(describeUpload(sent, total, took)).toBe(text);
  });
});

describe('reportUpload', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('logs a line every ten seconds and shows one every second until all is sent, and none after the end', async () => {
    const lines: string[] = [];
    const shown: (string | undefined)[] = [];
    let sent = 0;
    const total = 30_000_000;
    const report = reportUpload(
      { total: async () => total, sent: () => sent, isComplete: () => sent === total },
      { now: () => Date.now(), onWait: (line) => lines.push(line), onProgress: (text) => shown.push(text) },
    );
    for (sent of [10_000_000, 20_000_000, 30_000_000, 30_000_000]) await vi.advanceTimersByTimeAsync(10_000);
    expect(lines).toEqual(['sent 10 of 30 MB, 1.0 MB/s, 20 s left', 'sent 20 of 30 MB, 1.0 MB/s, 10 s left']);
    expect(shown.length).toBe(21);
    expect([shown[0], shown[1], shown.at(-1)]).toEqual([
      'sent 10 MB, 10.0 MB/s',
      'sent 10 of 30 MB, 5.0 MB/s, 4 s left',
      undefined,
    ]);
    report[Symbol.dispose]();
    sent = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines.length).toBe(2);
  });

  test('is quiet about an upload that takes less than a second, and does not ask for its size', async () => {
    const shown: string[] = [];
    const add = (text: string | undefined) => text !== undefined && shown.push(text);
    const total = vi.fn(async () => 1);
    {
      using _report = reportUpload(
        { total, sent: () => 0, isComplete: () => false },
        { now: () => Date.now(), onWait: add, onProgress: add },
      );
      await vi.advanceTimersByTimeAsync(900);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect([shown, total.mock.calls.length]).toEqual([[], 0]);
  });
});
