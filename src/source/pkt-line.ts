import { createByteReader } from './byte-reader.ts';

/** One packet of git's wire protocol; `flush` ends a list (gitprotocol-common, pkt-line). */
export type Packet = { readonly kind: 'data'; readonly data: Buffer } | { readonly kind: 'flush' };

/** Encodes text as a packet. Throws a RangeError above git's limit of 65516 bytes. */
export function encodePacket(text: string): Buffer {
  const data = Buffer.from(text);
  if (data.length > 65_516) throw new RangeError('a packet of git’s protocol is too long');
  return Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, '0')), data]);
}

export const flushPacket: Buffer = Buffer.from('0000');

/** Reads the packets of a stream. */
export interface PacketReader {
  /**
   * Returns the next packet, undefined at the end of the stream, which may also be in the middle of a packet. Throws a
   * SyntaxError for bytes that are not a packet.
   */
  readonly next: () => Promise<Packet | undefined>;
}

/** Returns a reader of the packets in a stream of chunks. */
export function createPacketReader(chunks: AsyncIterable<Uint8Array>): PacketReader {
  const bytes = createByteReader(chunks);
  const next = async (): Promise<Packet | undefined> => {
    const head = await bytes.take(4);
    if (head === undefined) return undefined;
    const size = parseSize(head);
    if (size === undefined) throw notPacketError(head, bytes.peek(60));
    if (size === 0) return { kind: 'flush' };
    const data = await bytes.take(size - 4);
    return data && { kind: 'data', data };
  };
  return { next };
}

/** Returns the length that a packet starts with, undefined if it is not one: 1 to 3 do not occur on this side of the protocol. */
function parseSize(head: Buffer): number | undefined {
  const text = head.toString('latin1');
  const size = /^[0-9a-f]{4}$/i.test(text) ? Number.parseInt(text, 16) : 1;
  return size === 0 || size >= 4 ? size : undefined;
}

function notPacketError(head: Buffer, rest: Buffer): SyntaxError {
  const start = Buffer.concat([head, rest]).toString('latin1');
  return new SyntaxError(`the host does not speak git’s protocol: ${JSON.stringify(start)}`);
}
