import { once } from 'node:events';
import type { ClientChannel, ServerChannel } from 'ssh2';
import { filterAnswer } from './filter-answer.ts';
import type { Grants } from './grants.ts';
import type { AllowedCommand } from './judge.ts';
import { type ByteCount, pump, TooMuchInputError } from './pump.ts';
import { type SessionLimits, StalledError, watchProgress } from './session-limits.ts';

/** What is copied between a job and the host, and counted. */
export interface Copying {
  readonly verdict: AllowedCommand;
  readonly grants: Grants;
  readonly limits: SessionLimits;
  /** The whole input, if it was read before the command was sent. */
  readonly input: Buffer | undefined;
  readonly sent: ByteCount;
  readonly received: ByteCount;
}

/**
 * Copies until the host has ended the command. Resolves with its exit code; undefined if the connection was lost. Throws
 * `TooMuchInputError` and `StalledError`.
 */
export async function connectStreams(
  job: ServerChannel,
  host: ClientChannel,
  copying: Copying,
): Promise<number | undefined> {
  const { verdict, limits, sent, received } = copying;
  let exit: number | undefined;
  let isInputOpen = true;
  host.on('exit', (code: number | null) => {
    exit = code ?? 255;
  });
  host.on('error', () => {});
  host.stderr.on('error', () => {});
  const ended = once(host, 'close');
  const failed = Promise.withResolvers<never>();
  const stop = (): void => host.close();
  job.once('close', stop);
  const fail = (error: unknown): void => {
    stop();
    // A host that has stopped reading does not answer to that.
    if (error instanceof TooMuchInputError || error instanceof StalledError) failed.reject(error);
  };
  const endInput = (): void => {
    isInputOpen = false;
  };
  copyInput(job, host, copying).catch(fail).finally(endInput);
  const endWatch = watchProgress({ sent, received, isInputOpen: () => isInputOpen }, limits, fail);
  try {
    const output = verdict.shows === undefined ? pump(host, job, received) : copyShown(host, job, copying);
    const copied = Promise.all([output, pump(host.stderr, job.stderr, received), ended]);
    await Promise.race([copied, failed.promise]);
    return exit;
  } finally {
    endWatch();
    job.off('close', stop);
    host.close();
  }
}

/** A command that reads nothing gets nothing: what the job sends anyway is dropped. */
async function copyInput(
  job: ServerChannel,
  host: ClientChannel,
  { verdict, input, limits, sent }: Copying,
): Promise<void> {
  if (verdict.input === 'large') {
    await pump(job, host, sent, limits.inputBytes.large);
    host.end();
    return;
  }
  host.end(input);
  job.resume();
}

const maxListBytes = 8 * 1024 ** 2;

/** Passes on only what the job may see of an answer about the whole host. A longer answer is cut off, and shows nothing. */
async function copyShown(
  host: ClientChannel,
  job: ServerChannel,
  { verdict, grants, received }: Copying,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of host as AsyncIterable<Buffer>) {
    received.bytes += chunk.length;
    if (received.bytes <= maxListBytes) chunks.push(chunk);
  }
  job.write(filterAnswer(verdict.shows, Buffer.concat(chunks).toString(), grants));
}

/**
 * Reads the whole input of a command before it is sent: a job that is slow holds no place at the host. Throws `TooMuchInputError`, and
 * `StalledError` after `inputTime`.
 */
export async function readInput(job: ServerChannel, maxBytes: number, time: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new StalledError(`the input did not end within ${Math.round(time / 1000)} seconds`)),
    time,
  );
  const read = async (): Promise<Buffer> => {
    for await (const chunk of job.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new TooMuchInputError(`more than ${maxBytes} bytes of input`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  };
  const reading = read();
  reading.catch(() => {});
  return Promise.race([reading, timeout.promise]).finally(() => clearTimeout(timer));
}
