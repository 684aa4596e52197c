import type { Readable, Writable } from 'node:stream';

/** A writable stream of the process; `isTTY` and `columns` as in Node. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Everything a run uses of its process. `main.ts` creates it from `process`, a test from values of its own.
 *
 * - `argv`: the arguments, without the program's name.
 * - `calledAs`: the name that the program was called by; undefined if it is not known.
 * - `program`: the words that start this program again (the binary, or node and main.ts).
 * - `beforeDeploy`: called when the app is set up and before it is deployed to; may return another commit to deploy.
 * - `now`: milliseconds since the epoch.
 * - `kill`: sends a signal to another process; nothing happens if there is none.
 * - `onHangup`: calls a listener for each SIGHUP; without one, SIGHUP ends the process.
 * - `stop`: aborted by the stop signal, with the reason `'SIGTERM'` or `'SIGINT'`.
 */
export interface World {
  readonly argv: readonly string[];
  readonly calledAs?: string | undefined;
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly beforeDeploy?: (() => Promise<string | undefined>) | undefined;
  readonly now: () => number;
  readonly stop: AbortSignal;
  readonly kill?: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;
  readonly onHangup?: (listener: () => void) => void;
}
