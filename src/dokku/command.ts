/** A word of a plan's command or configuration: in clear, or a secret that is only put in when it is sent. */
export type Value = string | { readonly secret: string };

/**
 * A Dokku command as plain data. `words` are unquoted; `stdin` is what the command reads: the configuration to import,
 * as JSON on the way out. `quiet` puts `--quiet` in front, where Dokku wants its global flags.
 */
export interface Command {
  readonly words: readonly string[];
  readonly quiet?: true;
  readonly stdin?: Readonly<Record<string, Value>>;
}

/** What came of asking the host. Only `answered` and `refused` are facts about it. */
export type Outcome =
  | { readonly kind: 'answered'; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'refused'; readonly exit: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'not-reached'; readonly reason: string; /** The command may have reached the host. */ readonly sent: boolean };
