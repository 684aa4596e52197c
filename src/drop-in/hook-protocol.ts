import type { Socket } from 'node:net';

/** What a hook's `ssh` is sent, one JSON value per line: a part of the output, as base64; a text for standard error; the exit code, last. */
export type Frame = { readonly out: string } | { readonly err: string } | { readonly exit: number };

export function formatFrame(frame: Frame): string {
  return `${JSON.stringify(frame)}\n`;
}

/** What a hook's `ssh` sends first, in one line. Its input follows. */
export function formatHeader(args: readonly string[]): string {
  return `${JSON.stringify({ args })}\n`;
}

const maxHeaderBytes = 1024 ** 2;

/** Reads the first line of a connection, and what came with it. Throws for one that is too long or not a header. */
export function readHeader(
  client: Socket,
): Promise<{ readonly args: readonly string[]; readonly rest: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ args: readonly string[]; rest: Buffer }>();
  let read = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    read = Buffer.concat([read, chunk]);
    const end = read.indexOf('\n');
    if (end === -1 && read.length <= maxHeaderBytes) return;
    client.pause();
    client.off('data', onData);
    try {
      resolve({ args: parseHeader(read.subarray(0, end).toString()), rest: read.subarray(end + 1) });
    } catch (error) {
      reject(error as Error);
    }
  };
  client.on('data', onData);
  client.once('end', () => reject(new Error('the request is incomplete')));
  client.once('close', () => reject(new Error('the request is incomplete')));
  return promise;
}

function parseHeader(text: string): readonly string[] {
  const { args } = JSON.parse(text) as { readonly args: unknown };
  if (Array.isArray(args) && args.every((word) => typeof word === 'string')) return args;
  throw new Error('the request is not a list of words');
}
