import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes bytes to a stream. Returns a promise that resolves when it can take more; undefined if it can at once. */
export function writeAll(stream: Writable, bytes: Uint8Array): Promise<void> | undefined {
  if (bytes.length === 0 || stream.write(bytes)) return undefined;
  return once(stream, 'drain').then(() => undefined);
}
