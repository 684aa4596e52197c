import type { ByteCount } from './pump.ts';
import type { Input } from './rule.ts';

/** How much a session may send, and how long it may take. Times are in milliseconds. */
export const sessionLimits = {
  /** Bytes that a command may read from its standard input. */
  inputBytes: {
    none: 0,
    small: 1024 ** 2,
    certificate: 256 * 1024,
    large: 16 * 1024 ** 3,
  } as Readonly<Record<Input, number>>,
  /** For a whole configuration, password or certificate. */
  inputTime: 60_000,
  /** Without progress while the job has not ended its input: a job cannot hold a place by sending a byte now and then. */
  inputSilence: 10 * 60_000,
  /** Without output of the host, once the job has ended its input: a build may be silent for long. */
  outputSilence: 30 * 60_000,
  /** Bytes of input that count as progress. */
  progressBytes: 1024,
};

export type SessionLimits = Readonly<typeof sessionLimits>;

/** A session has made no progress for too long. */
export class StalledError extends Error {}

/** What is known of a session’s streams. */
export interface StreamState {
  readonly sent: Readonly<ByteCount>;
  readonly received: Readonly<ByteCount>;
  readonly isInputOpen: () => boolean;
}

/** Calls `onStall` once for a session without progress. Returns what ends the watch. */
export function watchProgress(
  { sent, received, isInputOpen }: StreamState,
  limits: SessionLimits,
  onStall: (error: StalledError) => void,
): () => void {
  const period = Math.min(limits.inputSilence, limits.outputSilence) / 20;
  let [seenSent, seenReceived, silent] = [0, 0, 0];
  const timer = setInterval(() => {
    const hasProgress = received.bytes !== seenReceived || sent.bytes - seenSent >= limits.progressBytes;
    silent = hasProgress ? 0 : silent + period;
    if (hasProgress) [seenSent, seenReceived] = [sent.bytes, received.bytes];
    const limit = isInputOpen() ? limits.inputSilence : limits.outputSilence;
    if (silent < limit) return;
    clearInterval(timer);
    onStall(new StalledError(`no progress for ${Math.round(limit / 1000)} seconds`));
  }, period);
  return () => clearInterval(timer);
}
