import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { describeUpload, reportUpload } from '../../src/apply/upload-progress.ts';

describe('describeUpload', () => {
  test.each([
    [0, 182_000_000, 10_000, 'sent 0.0 of 182 MB, 0.0 MB/s'],
    [12_000_000, 182_000_000, 10_000, 'sent 12 of 182 MB, 1.2 MB/s, 142 s left'],
    [1_900_000, 2_000_000, 1_000, 'sent 1.9 of 2.0 MB, 1.9 MB/s, 1 s left'],
    [5, 10, 0, 'sent 0.0 of 0.0 MB, 0.0 MB/s, 1 s left'],
  ])('after %d of %d bytes in %d ms, reads: %s', (sent, total, took, text) => {
    expect(describeUpload(sent, total, took)).toBe(text);
  });
});

describe('reportUpload', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('logs a line every ten seconds until all is sent, and none after the end', () => {
    const lines: string[] = [];
    let sent = 0;
    const report = reportUpload(
      { total: 30_000_000, bytesRead: () => sent },
      { now: () => Date.now(), onWait: (line) => lines.push(line) },
    );
    for (sent of [10_000_000, 20_000_000, 30_000_000, 30_000_000]) vi.advanceTimersByTime(10_000);
    expect(lines).toEqual(['sent 10 of 30 MB, 1.0 MB/s, 20 s left', 'sent 20 of 30 MB, 1.0 MB/s, 10 s left']);
    report[Symbol.dispose]();
    sent = 0;
    vi.advanceTimersByTime(60_000);
    expect(lines.length).toBe(2);
  });
});
