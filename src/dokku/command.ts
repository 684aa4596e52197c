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
  | {
      readonly kind: 'not-reached';
      readonly reason: string /** The command may have reached the host. */;
      readonly sent: boolean;
    };

/** Words that GNU echo, through which Dokku's splitter runs every word, swallows or answers itself. */
const swallowed = new Set(['-n', '-e', '-E', '--version', '--help']);
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

const quoted = (word: string): string => {
  if (plainWord.test(word) && !swallowed.has(word)) return word;
  if (swallowed.has(word) || /[\n\0]/.test(word)) {
    throw new Error(`the word ${JSON.stringify(word)} cannot be sent to Dokku`);
  }
  return `'${word.replaceAll("'", "'\\''")}'`;
};

const bare = (word: string): string => {
  if (!plainWord.test(word))
    throw new Error(`the word ${JSON.stringify(word)} cannot be sent to a git command of Dokku`);
  return word;
};

/**
 * The line that is sent over SSH for a command. Dokku (its `dokku` file) splits a line whose first word contains `git`
 * on blanks and keeps quotes; every other one goes through `xargs`, which knows quotes and expands nothing. A word that
 * would not arrive as it is (a newline; `-n`; a blank in a git command) is a bug of the caller and throws.
 */
export const sshLine = ({ words, quiet }: Command): string => {
  const [first = ''] = words;
  const spelled = words.map(first.includes('git') ? bare : quoted);
  return [...(quiet ? ['--quiet'] : []), ...spelled].join(' ');
};

/** A command as a person reads it: in a plan, in an error. */
export const spoken = (command: Command): string => {
  const fed = command.stdin ? ` < {${Object.keys(command.stdin).join(', ')}}` : '';
  return `${command.quiet ? '--quiet ' : ''}${command.words.join(' ')}${fed}`;
};
