import { describe, expect, test } from 'vitest';
import { createPacketReader, encodePacket, flushPacket, type Packet } from '../../src/source/pkt-line.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads all packets in the bytes, as text. The bytes arrive in pieces of `size`. */
const read = async (bytes: Buffer, size = 7): Promise<string[]> => {
  const reader = createPacketReader(inPieces(bytes, size));
  const packets: string[] = [];
  const asText = (one: Packet) => (one.kind === 'flush' ? 'flush' : one.data.toString());
  for (let next = await reader.next(); next; next = await reader.next()) packets.push(asText(next));
  return packets;
};

describe('packets of git’s protocol', () => {
  test('are written with their length in four hexadecimal digits', () => {
    expect(encodePacket('é\n').toString()).toBe('0007é\n');
    expect(() => encodePacket('x'.repeat(65_517))).toThrow(RangeError);
  });

  test.each([1, 3, 5, 1_000])('are read from pieces of %i bytes', async (size) => {
    const bytes = Buffer.concat([
      encodePacket('one\n'),
      encodePacket(''),
      flushPacket,
      encodePacket('zwölf'),
    ]);
    expect(await read(bytes, size)).toEqual(['one\n', '', 'flush', 'zwölf']);
  });

  test('that are truncated count as the end', async () => {
    expect(await read(Buffer.from('0009on'))).toEqual([]);
    expect(await read(Buffer.from('00'))).toEqual([]);
  });

  test('that are truncated stay the end: what came of them is not read as a packet', async () => {
    const reader = createPacketReader(inPieces(Buffer.from('0020This is text of the host'), 7));
    expect([await reader.next(), await reader.next(), await reader.next()]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each(['This account is not available', '0003', '-001'])('do not start with: %s', async (text) => {
    await expect(read(Buffer.from(`${text}\n`))).rejects.toThrow('does not speak git’s protocol');
  });
});
