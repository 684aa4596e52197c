import type { ServerChannel } from 'ssh2';
import type { ClientStreams } from './dispatch.ts';

/** Returns a channel as a command uses it. What is written after the client has disconnected is discarded. */
export function toStreams(channel: ServerChannel): ClientStreams {
  return {
    read: async () => (await readAll(channel)).toString(),
    readBytes: () => readAll(channel),
    out: (text) => void (channel.writable && channel.write(text)),
    isClosed: () => !channel.writable,
    err: (text) => void (channel.writable && channel.stderr.write(text)),
  };
}

// Not with `for await`: it would destroy the channel at the end, and the answer with it.
function readAll(channel: ServerChannel): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => chunks.push(chunk));
    channel.once('end', () => resolve(Buffer.concat(chunks)));
    channel.once('close', () => resolve(Buffer.concat(chunks)));
  });
}

/** Calls `call` once, when the command's output first matches `at`. */
export function onOutputMatch(channel: ServerChannel, at: RegExp, call: () => void): void {
  let hasMatched = false;
  for (const stream of [channel, channel.stderr]) {
    const write = stream.write.bind(stream) as (...words: unknown[]) => boolean;
    stream.write = ((chunk: unknown, ...rest: unknown[]) => {
      const written = write(chunk, ...rest);
      if (!hasMatched && at.test(String(chunk))) {
        hasMatched = true;
        call();
      }
      return written;
    }) as typeof stream.write;
  }
}

/** Discards whatever is still written to a channel. */
export function mute(channel: ServerChannel): void {
  for (const stream of [channel, channel.stderr]) stream.write = () => true;
}
