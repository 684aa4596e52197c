import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** How many bytes were copied. */
export interface ByteCount {
  bytes: number;
}

/** More was sent than a command may read. */
export class TooMuchInputError extends Error {}

/**
 * Copies a stream as fast as the other one takes it, and resolves when that has taken everything. It ends early if one of the two is
 * closed, and destroys neither. Throws `TooMuchInputError` for more than `maxBytes`.
 */
export async function pump(
  from: Readable,
  to: Writable,
  count: ByteCount,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      count.bytes += chunk.length;
      if (count.bytes > maxBytes) throw new TooMuchInputError(`more than ${maxBytes} bytes of input`);
      if (!(await writeChunk(to, chunk))) return;
    }
  } catch (error) {
    if (error instanceof TooMuchInputError || !isClosed(error)) throw error;
  }
}

/** Resolves with whether the stream has taken the chunk; it is false once it is closed. */
async function writeChunk(to: Writable, chunk: Buffer): Promise<boolean> {
  if (to.destroyed || to.writableEnded) return false;
  const settled = new AbortController();
  const closed = once(to, 'close', { signal: settled.signal }).then(
    () => false,
    () => false,
  );
  const written = new Promise<boolean>((resolve) => {
    to.write(chunk, (error) => resolve(!error));
  });
  const isWritten = await Promise.race([written, closed]);
  settled.abort();
  return isWritten;
}

const closedCodes = new Set<string | undefined>([
  'ERR_STREAM_PREMATURE_CLOSE',
  'EPIPE',
  'ECONNRESET',
  'ABORT_ERR',
]);

function isClosed(error: unknown): boolean {
  return closedCodes.has((error as NodeJS.ErrnoException).code);
}
