import type { Readable, Writable } from 'node:stream';

/** A stream of the caller's to write on; `isTTY` as Node tells it. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * All that a run may know of the outside. `main.ts` makes it of `process`; a test makes its own.
 *
 * - `argv`: the words after the program's name.
 * - `program`: the command line prefix that starts this program again (binary, or node and main.ts).
 * - `now`: milliseconds since the epoch.
 * - `stop`: aborted with the reason `'SIGTERM'` or `'SIGINT'` when the run is told to stop.
 */
export interface World {
  readonly argv: readonly string[];
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly now: () => number;
  readonly stop: AbortSignal;
}
