import type { Readable } from 'node:stream';
import type { SandboxHost } from './state.ts';

/** One command as it reached the host, already split into words and freed of Dokku's global flags. */
export interface Call {
  /** The command word, e.g. `apps:create`. */
  readonly command: string;
  /** The words after it. */
  readonly words: readonly string[];
  readonly quiet: boolean;
  readonly force: boolean;
  /** What the client sends on its standard input. */
  readonly stdin: Readable;
  /** Writes raw text on the client's standard output or error; the text carries its own newlines. */
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string | Uint8Array) => void;
  /** Aborted when the client's channel closes. Dokku goes on without its client; `logs -t` doesn't. */
  readonly gone: AbortSignal;
}

/** Answers a call and gives its exit code. */
export type Handler = (call: Call, host: SandboxHost) => number | Promise<number>;

/** A plugin's commands by their full name (`apps`, `apps:create`). */
export type Plugin = Readonly<Record<string, Handler>>;
