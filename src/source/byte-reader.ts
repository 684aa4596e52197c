/** Reads a stream of chunks piece by piece, in time linear in its length. */
export interface ByteReader {
  /** Returns the next `size` bytes, or undefined if the stream ends before. After that, it always returns undefined. */
  readonly take: (size: number) => Promise<Buffer | undefined>;
  /**
   * Returns the bytes before the next delimiter, and takes it too. Returns undefined, as above, if there is none within about
   * `limit` bytes.
   */
  readonly takeUntil: (delimiter: number, limit: number) => Promise<Buffer | undefined>;
  /** Returns up to `size` bytes that have already arrived, without taking them. */
  readonly peek: (size: number) => Buffer;
}

/** Returns a reader of a stream of chunks. */
export function createByteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const source = chunks[Symbol.asyncIterator]();
  let pending: Buffer[] = [];
  let length = 0;
  let ended = false;
  /** Reads one more chunk. Returns false at the end of the stream. */
  const readChunk = async (): Promise<boolean> => {
    if (ended) return false;
    const { done, value } = await source.next();
    if (done) return false;
    pending.push(Buffer.from(value.buffer, value.byteOffset, value.length));
    length += value.length;
    return true;
  };
  const merge = (): Buffer => {
    const [first = Buffer.alloc(0)] = pending;
    const all = pending.length <= 1 ? first : Buffer.concat(pending);
    pending = [all];
    return all;
  };
  const split = (size: number): Buffer => {
    const all = merge();
    pending = [all.subarray(size)];
    length -= size;
    return all.subarray(0, size);
  };
  const end = (): undefined => {
    ended = true;
    pending = [];
    length = 0;
    return undefined;
  };
  return {
    take: async (size) => {
      while (length < size) if (!(await readChunk())) return end();
      return split(size);
    },
    takeUntil: async (delimiter, limit) => {
      let size = 0;
      for (let index = 0; ; index += 1) {
        if (index === pending.length && (size > limit || !(await readChunk()))) return end();
        const chunk = pending[index] as Buffer;
        const found = chunk.indexOf(delimiter);
        if (found !== -1) return split(size + found + 1).subarray(0, -1);
        size += chunk.length;
      }
    },
    peek: (size) => merge().subarray(0, size),
  };
}
