import { describe, expect, test } from 'vitest';
import { type ByteReader, createByteReader } from '../../src/source/byte-reader.ts';

async function* chunksOf(...texts: readonly string[]): AsyncIterable<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function* bytesOneByOne(count: number): AsyncIterable<Buffer> {
  const byte = Buffer.from('x');
  for (let number = 0; number < count; number += 1) yield byte;
}

const readerOf = (...texts: string[]): ByteReader => createByteReader(chunksOf(...texts));
const asText = (bytes: Buffer | undefined): string | undefined => bytes?.toString();

describe('bytes of a stream', () => {
  test('are taken across chunks', async () => {
    const reader = readerOf('ab', 'cd', '', 'efg');
    expect([
      asText(await reader.take(3)),
      asText(await reader.take(0)),
      asText(await reader.take(4)),
    ]).toEqual(['abc', '', 'defg']);
  });

  test('end for good when fewer are left', async () => {
    const reader = readerOf('ab', 'cd');
    expect([await reader.take(5), await reader.take(1), await reader.takeUntil(0x0a, 10)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('are taken in lines, together with counted bytes', async () => {
    const reader = readerOf('one\ntw', 'o\n', '\nrest');
    const lines = [
      await reader.takeUntil(0x0a, 10),
      await reader.takeUntil(0x0a, 10),
      await reader.takeUntil(0x0a, 10),
    ];
    expect([...lines, await reader.take(4)].map(asText)).toEqual(['one', 'two', '', 'rest']);
  });

  test('end at a line that is too long', async () => {
    const reader = createByteReader(chunksOf(...Array.from({ length: 100 }, () => 'x'.repeat(100)), '\n'));
    expect(await reader.takeUntil(0x0a, 1_000)).toBe(undefined);
  });

  test('can be looked at before they are taken', async () => {
    const reader = readerOf('abc', 'def');
    await reader.take(4);
    expect([asText(reader.peek(10)), asText(await reader.take(2))]).toEqual(['ef', 'ef']);
  });

  test('arrive one by one in linear time', async () => {
    const reader = createByteReader(bytesOneByOne(200_000));
    const start = performance.now();
    expect((await reader.take(200_000))?.length).toBe(200_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
