import type { Writable } from 'node:stream';
import type { CommandResult } from '../dokku/command.ts';
import type { OnLine } from './lines.ts';

/** A command line as it is sent, and the text for its standard input. */
export interface HostRequest {
  readonly line: string;
  /** A stream is read as fast as the host takes it. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Called for each line as the host prints it, on either stream. */
  readonly onLine?: OnLine | undefined;
  /** Milliseconds until the answer must be complete, from the end of the standard input; `limits.questionTime` by default. */
  readonly timeLimit?: number | undefined;
  /** The output is passed to `onLine` only: it is not part of the answer, and has no size limit. */
  readonly streamed?: boolean | undefined;
}

/** An open channel to a program on the host. `stderr` yields lines; `exitCode` is undefined if the channel was cut off. */
export interface Channel {
  readonly input: Writable;
  readonly output: AsyncIterable<Buffer>;
  readonly stderr: AsyncIterable<string>;
  readonly exitCode: Promise<number | undefined>;
}

/** What a run used, for its reports: connections opened, commands sent. */
export interface HostUsage {
  readonly connections: number;
  readonly commands: number;
}

/**
 * The single connection to a Dokku host. It is opened at the first request and reopened after it was lost. It carries
 * at most eight requests at once; further ones wait.
 */
export interface Host extends AsyncDisposable {
  /**
   * Runs a command. A refusal is a result. Throws a DeployError if the connection cannot be opened, if the login is not
   * Dokku's, or if the answer exceeds a limit.
   */
  readonly ask: (request: HostRequest) => Promise<CommandResult>;
  /** Opens a channel for an interactive program (git-receive-pack). Throws the same as `ask`. */
  readonly open: (line: string) => Promise<Channel>;
  readonly close: () => Promise<void>;
  readonly usage: () => HostUsage;
}
