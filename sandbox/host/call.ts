import type { Reach } from './stages.ts';

/** One command as it reached the host, split into words and without Dokku's global flags. */
export interface Call {
  /** The command word, e.g. `apps:create`. */
  readonly command: string;
  /** The words after it. */
  readonly words: readonly string[];
  readonly quiet: boolean;
  readonly force: boolean;
  /** Reads the client's standard input to its end, as text or as bytes (a dump is binary). */
  readonly read: () => Promise<string>;
  readonly readBytes: () => Promise<Uint8Array>;
  /** Writes text to the client's standard output or error as it is; newlines are not added. */
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** Whether the client has disconnected. */
  readonly isClosed: () => boolean;
  /** Called at each stage of the command, so that a fault can end it there. */
  readonly reach: Reach;
}
