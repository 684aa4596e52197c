/**
 * What a host may send and how long it may take, so that a broken or hostile host exhausts neither the memory nor the
 * time of a job. `docs/limits.md` explains each; times are in milliseconds.
 */
export const limits = {
  /** From the first packet to the completed login. */
  connectTime: 15_000,
  /** Until the host opens a channel for a command. */
  channelTime: 30_000,
  /** Until a command that only reads has ended. */
  questionTime: 120_000,
  /** Until a command that changes something has ended. */
  commandTime: 60 * 60_000,
  /** Without a byte from the host while it builds or carries out a command. */
  silenceTime: 30 * 60_000,
  /** Bytes of one answer, on both streams together. The output of a build has no limit: it is not kept. */
  answerBytes: 8 * 1024 ** 2,
  /** Characters of one line in the log. The rest of the line is dropped. */
  lineLength: 16_384,
};

export type Limits = Readonly<typeof limits>;
