import type { Client, ClientChannel } from 'ssh2';
import type { LogReady } from './connection.ts';
import type { Channel } from './host.ts';
import { noChannelInTimeError, silentError } from './limit-errors.ts';
import type { Limits } from './limits.ts';
import { splitLines } from './lines.ts';

/** `refused` also after a connection that was lost before the host replied. */
export type OpenResult<Taken> = { readonly taken: Taken } | { readonly refused: Error };

interface OpenOptions<Taken> {
  readonly line: string;
  readonly limits: Limits;
  readonly take: (channel: ClientChannel) => Taken;
}

/**
 * Opens a channel for a command. Calls `take` with it at once: the answer may be in the same packet, and a listener that
 * is added later misses its exit code. Throws `host-timeout` if the host does not reply.
 */
export function openChannel<Taken>(
  client: Client,
  { line, limits, take }: OpenOptions<Taken>,
): Promise<OpenResult<Taken>> {
  const { promise, resolve, reject } = Promise.withResolvers<OpenResult<Taken>>();
  // If the connection is lost before the reply, ssh2 only emits `close`.
  const onClose = () => resolve({ refused: new Error('the connection was lost') });
  const timer = setTimeout(() => reject(noChannelInTimeError(line, limits.channelTime)), limits.channelTime);
  client.once('close', onClose);
  try {
    client.exec(line, (error, channel) => resolve(error ? { refused: error } : { taken: take(channel) }));
  } catch (error) {
    resolve({ refused: error as Error });
  }
  return promise.finally(() => {
    clearTimeout(timer);
    client.off('close', onClose);
  });
}

interface ChannelOptions {
  readonly line: string;
  readonly limits: Limits;
  /** Ends the connection. */
  readonly disconnect: () => void;
  /** Reading pauses until the log has taken what was read. */
  readonly logReady: LogReady;
}

/**
 * Returns the channel of an interactive program. Its output throws `host-timeout` if the host sends nothing for too long:
 * `questionTime` for the first byte, then `silenceTime`.
 */
export function toChannel(channel: ClientChannel, options: ChannelOptions): Channel {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  let exit: number | undefined;
  channel.on('exit', (code: number | null) => {
    exit = code ?? 255;
  });
  channel.on('error', () => {});
  channel.once('close', () => resolve(exit));
  return {
    input: channel,
    output: watchOutput(channel, options),
    stderr: readLines(channel.stderr, options.logReady),
    exitCode: promise,
  };
}

async function* watchOutput(
  output: NodeJS.ReadableStream,
  { line, limits, disconnect, logReady }: ChannelOptions,
): AsyncGenerator<Buffer> {
  let exceeded: number | undefined;
  // After an error, the stream may have no reader any more. The timer must not keep the process alive then.
  const startTimer = (time: number) =>
    setTimeout(() => {
      exceeded = time;
      disconnect();
    }, time).unref();
  let timer = startTimer(limits.questionTime);
  try {
    for await (const chunk of output) {
      clearTimeout(timer);
      timer = startTimer(limits.silenceTime);
      yield chunk as Buffer;
      const ready = logReady();
      if (!ready) continue;
      clearTimeout(timer);
      await ready;
      timer = startTimer(limits.silenceTime);
    }
  } catch (error) {
    if (exceeded === undefined) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (exceeded !== undefined) throw silentError(line, exceeded);
}

async function* readLines(stream: NodeJS.ReadableStream, logReady: LogReady): AsyncIterable<string> {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for await (const chunk of stream) {
    splitter.push(chunk as Buffer);
    yield* lines.splice(0);
    await logReady();
  }
  splitter.end();
  yield* lines;
}
