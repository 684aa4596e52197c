import { describe, expect, test } from 'vitest';
import { createOutputMask } from '../../src/report/output-mask.ts';
import { Secret } from '../../src/secret.ts';

const secrets = [new Secret('TOKEN', 'pässword-1'), new Secret('KEY', 'first line of it\nsecond line of it')];

/** Masks bytes that come in chunks of this size. */
const mask = (bytes: Buffer, size: number, keep: readonly string[] = []) => {
  const output = createOutputMask(secrets, keep);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(output.push(bytes.subarray(at, at + size)));
  parts.push(output.end());
  return { bytes: Buffer.concat(parts), hasMasked: output.hasMasked() };
};

describe.each([1, 3, 1_000_000])('the mask of an output that comes in chunks of %d bytes', (size) => {
  test('replaces secrets, also across chunks and in the last line', () => {
    const text = 'a pässword-1 b\nsecond line of it\nQÄ pässword-1';
    const { bytes, hasMasked } = mask(Buffer.from(text), size);
    expect([bytes.toString(), hasMasked]).toEqual(['a [TOKEN] b\n[KEY]\nQÄ [TOKEN]', true]);
  });

  test('leaves everything else as it is: text of any encoding, control characters, and no text at all', () => {
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 256));
    const masked = mask(bytes, size);
    expect([masked.bytes.equals(bytes), masked.hasMasked]).toEqual([true, false]);
  });

  test('leaves the names of what the run is about', () => {
    const { bytes } = mask(Buffer.from('my-pässword-1-app pässword-1'), size, ['my-pässword-1-app']);
    expect(bytes.toString()).toBe('my-pässword-1-app [TOKEN]');
  });
});

test('a line that never ends is passed on in pieces, and its secrets are masked', () => {
  const line = Buffer.from(`${'x'.repeat(70_000)}pässword-1${'y'.repeat(100_000)}`);
  const output = createOutputMask(secrets, []);
  const passed: Buffer[] = [];
  let mostKept = 0;
  for (let at = 0; at < line.length; at += 1_000) {
    passed.push(output.push(line.subarray(at, at + 1_000)));
    mostKept = Math.max(mostKept, at + 1_000 - Buffer.concat(passed).length);
  }
  passed.push(output.end());
  expect(Buffer.concat(passed).toString()).toBe(`${'x'.repeat(70_000)}[TOKEN]${'y'.repeat(100_000)}`);
  expect(mostKept).toBeLessThan(70_000);
});
