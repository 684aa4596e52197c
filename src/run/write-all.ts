import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { DeployError } from '../errors.ts';

/**
 * Writes output of a command to a stream. Returns a promise that resolves when it can take more; undefined if it can at once. Throws
 * `run-failed` if the stream has no reader any more.
 */
export function writeAll(stream: Writable, bytes: Uint8Array): Promise<void> | undefined {
  if (bytes.length === 0) return undefined;
  // A stream that has failed never drains.
  if (stream.errored || stream.destroyed) throw unwritableError(stream.errored);
  if (stream.write(bytes)) return undefined;
  return once(stream, 'drain').then(
    () => undefined,
    (error: Error) => {
      throw unwritableError(error);
    },
  );
}

function unwritableError(error: Error | null): DeployError {
  return new DeployError('run-failed', {
    message: `The output of the command cannot be passed on (${error?.message ?? 'the stream is closed'}).`,
  });
}
