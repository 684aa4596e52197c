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
  /** Returns the next packet, undefined at the end of the stream. Throws a SyntaxError for bytes that are not a packet. */
  readonly next: () => Promise<Packet | undefined>;
}

/** Returns a reader of the packets in a stream of chunks. */
export function createPacketReader(chunks: AsyncIterable<Buffer>): PacketReader {
  const source = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const fill = async (size: number): Promise<boolean> => {
    while (rest.length < size) {
      const { done, value } = await source.next();
      if (done) return false;
      rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
    }
    return true;
  };
  const take = (size: number): Buffer => {
    const taken = rest.subarray(0, size);
    rest = rest.subarray(size);
    return taken;
  };
  const next = async (): Promise<Packet | undefined> => {
    if (!(await fill(4))) return undefined;
    const head = take(4).toString('latin1');
    const size = /^[0-9a-f]{4}$/i.test(head) ? Number.parseInt(head, 16) : Number.NaN;
    if (Number.isNaN(size) || (size > 0 && size < 4)) {
      throw new SyntaxError(
        `the host does not speak git’s protocol: ${JSON.stringify(head + rest.toString('latin1', 0, 60))}`,
      );
    }
    if (size === 0) return { kind: 'flush' };
    if (!(await fill(size - 4))) return undefined;
    return { kind: 'data', data: take(size - 4) };
  };
  return { next };
}
