import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** The most bytes that are read of any file that a job names: 1 MiB. See docs/limits.md. */
export const maxFileSize = 1024 * 1024;

/** Why a file can't be read, as the predicate of a sentence. */
export class UnreadableError extends Error {
  /** Whether there is no such file. */
  readonly isMissing: boolean;

  constructor(reason: string, { isMissing = false }: { readonly isMissing?: boolean } = {}) {
    super(reason);
    this.isMissing = isMissing;
  }
}

/**
 * Reads a regular file of at most `maxFileSize` bytes. Throws `UnreadableError` for any other: a device or a pipe might
 * never end.
 */
export async function readLimitedFile(path: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (stats.isDirectory()) throw new UnreadableError('a folder, not a file');
    if (!stats.isFile()) throw new UnreadableError('a device or a pipe, not a file');
    return await readLimited(file);
  } catch (error) {
    throw error instanceof UnreadableError ? error : toUnreadableError(error as NodeJS.ErrnoException);
  }
}

/** Reads one byte more than allowed, since the size of a file is not reliable: in /proc it is 0. */
async function readLimited(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(maxFileSize + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  throw new UnreadableError('larger than 1 MiB');
}

function toUnreadableError({ code, message }: NodeJS.ErrnoException): UnreadableError {
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new UnreadableError('no such file', { isMissing: true });
  if (code === 'EISDIR') return new UnreadableError('a folder, not a file');
  if (code === 'ENXIO') return new UnreadableError('a device or a pipe, not a file');
  if (code === 'EACCES' || code === 'EPERM') return new UnreadableError('permission denied');
  if (code === 'ELOOP') return new UnreadableError('a symbolic link that leads to itself');
  return new UnreadableError(message);
}
