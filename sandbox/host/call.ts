/** One command as it reached the host, already split into words and freed of Dokku's global flags. */
export interface Call {
  /** The command word, e.g. `apps:create`. */
  readonly command: string;
  /** The words after it. */
  readonly words: readonly string[];
  readonly quiet: boolean;
  readonly force: boolean;
  /** Reads all that the client sends on its standard input, as text or as it came (a dump is binary). */
  readonly read: () => Promise<string>;
  readonly readBytes: () => Promise<Uint8Array>;
  /** Writes raw text on the client's standard output or error; the text carries its own newlines. */
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
}
