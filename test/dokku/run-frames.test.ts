import { describe, expect, test } from 'vitest';
import { readFrames } from '../../src/dokku/run-frames.ts';

const nonce = '0123456789abcdef';
const started = `[dokku-deploy ${nonce} started run.7]\n`;
const ended = (exit: number): string => `[dokku-deploy ${nonce} ended ${exit}]\n`;

/** Reads a text that arrives in chunks of this size. */
const read = (text: string | Buffer, size: number) => {
  const bytes = Buffer.from(text);
  const frames = readFrames(nonce);
  const passed: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) passed.push(frames.push(bytes.subarray(at, at + size)));
  passed.push(frames.end());
  return { text: Buffer.concat(passed), exit: frames.exitCode(), process: frames.process() };
};

const sizes = [1, 2, 7, 16, 1_000_000];

describe.each(sizes)('the frames of a script whose output comes in chunks of %d bytes', (size) => {
  test.each([
    ['', 0],
    ['one\ntwo\n', 0],
    ['without a final newline', 7],
    ['é\u0000\u001b[31m[dokku-deploy', 255],
    [`[dokku-deploy ffffffffffffffff ended 0]\n`, 7],
    [`[dokku-deploy ${nonce} ended 0] not at the end of a line`, 1],
    [`[dokku-deploy ${nonce} ended 0`, 1],
  ])('are taken out of %j, byte for byte', (output, exit) => {
    expect(read(`${started}${output}${ended(exit)}`, size)).toEqual({
      text: Buffer.from(output),
      exit,
      process: 'run.7',
    });
  });

  test('that the script prints itself do not count: the last one does', () => {
    const output = `a${ended(0)}b\n${started.replace('7', '8')}`;
    const { exit, process } = read(`${started}${output}${ended(7)}`, size);
    expect([exit, process]).toEqual([7, 'run.7']);
  });

  test('are missing if the container was killed: what began like one is output', () => {
    const output = `x\n${ended(0).slice(0, 38)}`;
    expect(read(`${started}${output}`, size)).toEqual({
      text: Buffer.from(output),
      exit: undefined,
      process: 'run.7',
    });
  });
});

test('binary output is passed on as it is', () => {
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256));
  for (const size of [1_000, 65_536]) {
    const whole = Buffer.concat([Buffer.from(started), bytes, Buffer.from(ended(0))]);
    expect(read(whole, size).text.equals(bytes)).toBe(true);
  }
});
