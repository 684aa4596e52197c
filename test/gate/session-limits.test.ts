import { PassThrough } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readInput } from '../../src/gate/copy-streams.ts';
import { TooMuchInputError } from '../../src/gate/pump.ts';
import { StalledError, sessionLimits, watchProgress } from '../../src/gate/session-limits.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const minute = 60_000;

/** Lets time pass; each minute, so many bytes move. Returns after how many minutes the session was ended, if it was. */
const watch = ({
  minutes,
  input = 0,
  output = 0,
  isInputOpen = true,
}: {
  readonly minutes: number;
  readonly input?: number;
  readonly output?: number;
  readonly isInputOpen?: boolean;
}): number | undefined => {
  const [sent, received] = [{ bytes: 0 }, { bytes: 0 }];
  const stalls: StalledError[] = [];
  const end = watchProgress({ sent, received, isInputOpen: () => isInputOpen }, sessionLimits, (error) =>
    stalls.push(error),
  );
  let ended: number | undefined;
  for (let passed = 1; passed <= minutes; passed += 1) {
    sent.bytes += input;
    received.bytes += output;
    vi.advanceTimersByTime(minute);
    if (stalls.length > 0) ended ??= passed;
  }
  end();
  expect(stalls.length).toBeLessThanOrEqual(1);
  return ended;
};

describe('a session', () => {
  test('that sends a byte a minute is ended after ten minutes', () => {
    expect(watch({ minutes: 60, input: 1 })).toBe(10);
  });

  test('that sends nothing, and never ends its input, is ended after ten minutes', () => {
    expect(watch({ minutes: 60 })).toBe(10);
  });

  test('that pushes slowly is not ended', () => {
    expect(watch({ minutes: 600, input: 200 })).toBeUndefined();
  });

  test('whose build prints something now and then is not ended', () => {
    expect(watch({ minutes: 600, output: 1 })).toBeUndefined();
  });

  test('whose build is silent after the push has thirty minutes', () => {
    expect(watch({ minutes: 29, isInputOpen: false })).toBeUndefined();
    expect(watch({ minutes: 60, isInputOpen: false })).toBe(30);
  });
});

describe('the whole input of a command', () => {
  const asChannel = (stream: PassThrough) => stream as unknown as ServerChannel;

  test('is read until its end', async () => {
    const stream = new PassThrough();
    const read = readInput(asChannel(stream), 10, minute);
    stream.write('ab');
    stream.end('c');
    expect((await read).toString()).toBe('abc');
  });

  test('must end within a minute, whatever comes in between', async () => {
    const stream = new PassThrough();
    const read = readInput(asChannel(stream), 1_000, sessionLimits.inputTime);
    const failed = expect(read).rejects.toThrow(new StalledError('the input did not end within 60 seconds'));
    for (let second = 0; second < 60; second += 1) {
      stream.write('x');
      vi.advanceTimersByTime(1_000);
    }
    await failed;
  });

  test('has a greatest size', async () => {
    const stream = new PassThrough();
    stream.end('x'.repeat(11));
    await expect(readInput(asChannel(stream), 10, minute)).rejects.toThrow(TooMuchInputError);
  });
});
