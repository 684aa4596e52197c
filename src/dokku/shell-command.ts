import { Secret, type Vault } from '../secret.ts';
import { buildSshLine, type Command, commandInput } from './command.ts';

/** A Dokku command as a person pastes it into a POSIX shell. Secrets are shell variables. */
export interface ShellCommand {
  readonly line: string;
  /** The names of the functions that the line needs, of `shellFunctions`. */
  readonly functions: ReadonlySet<keyof typeof shellFunctions>;
}

/** What a shell command is written for. */
export interface ShellTarget {
  /** The arguments of ssh that log in, quoted for the shell: `-p 2222 dokku@host --`. */
  readonly login: string;
  readonly vault: Vault;
  /** The shell variable that holds a secret of the vault. */
  readonly variableOf: (secret: string) => string;
}

/**
 * Functions that quote the value of a variable: `dokku_word` inside the single quotes of Dokku's own splitting, `json_text`
 * inside the double quotes of JSON.
 */
export const shellFunctions = {
  dokku_word: `dokku_word() { printf '%s' "$1" | sed "s/'/'\\\\\\\\''/g"; }`,
  json_text: `json_text() { printf '%s.' "$1" | sed -e 's/\\\\/\\\\\\\\/g' -e 's/"/\\\\"/g' -e "s/$(printf '\\t')/\\\\\\\\t/g" -e "s/$(printf '\\r')/\\\\\\\\r/g" | awk '{ printf "%s%s", sep, $0; sep = "\\\\n" }' | sed 's/\\.$//'; }`,
} as const;

/**
 * Formats a command with its input for a shell. The remote line is quoted twice, for Dokku's own splitting and for the shell, and is
 * built by the same function that builds what is sent: a secret is first a marker in it, then the variable in its place.
 *
 * Throws what `buildSshLine` throws.
 */
export function formatShellCommand(command: Command, target: ShellTarget): ShellCommand {
  const functions = new Set<keyof typeof shellFunctions>();
  const isGit = typeof command.words[0] === 'string' && command.words[0].includes('git');
  const markers = createMarkers(target, functions, isGit ? 'plain' : 'word');
  const remote = markers.shellWord(buildSshLine(command, markers.vault));
  const input = formatInput(command, target, functions);
  // Without -n, ssh would read the lines that are pasted after this one.
  const ssh = input === undefined ? 'ssh -n' : `${input} | ssh`;
  return { line: `${ssh} ${target.login} ${remote}`, functions };
}

type Place = 'word' | 'json' | 'plain';

/** Stands in for secrets while a text is built. */
interface Markers {
  /** The vault, in which each secret has a marker as its value. */
  readonly vault: Vault;
  /** Quotes a text for the shell as one word; the markers in it become their variables. */
  readonly shellWord: (text: string) => string;
}

function createMarkers(
  { vault, variableOf }: ShellTarget,
  functions: Set<keyof typeof shellFunctions>,
  place: Place,
): Markers {
  const names = [...vault.keys()];
  // In a word, the quotes that the space enforces are needed for the value, too.
  const marker = (index: number): string => `${place === 'word' ? ' ' : ''}MARKER${index}OF${names.length}`;
  const forms = new Map(
    names.flatMap((name, index) => [
      [marker(index), () => quoteVariable(variableOf(name), place, functions)] as const,
      [
        encode(marker(index)),
        () => `"$(printf '%s' "$${variableOf(name)}" | base64 | tr -d '\\n')"`,
      ] as const,
    ]),
  );
  const secrets = [...vault].map(([name, secret], index): [string, Secret] => [
    name,
    secret.isPublic ? secret : new Secret(name, marker(index)),
  ]);
  return {
    vault: new Map(secrets),
    shellWord: (text) => {
      const found = [...forms].filter(([form]) => text.includes(form));
      if (found.length === 0) return quoteForShell(text);
      const pattern = new RegExp(`(${found.map(([form]) => RegExp.escape(form)).join('|')})`);
      return text
        .split(pattern)
        .filter((part) => part !== '')
        .map((part) => forms.get(part)?.() ?? quoteForShell(part))
        .join('');
    },
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function quoteVariable(variable: string, place: Place, functions: Set<keyof typeof shellFunctions>): string {
  if (place === 'plain') return `"$${variable}"`;
  const quote = place === 'json' ? 'json_text' : 'dokku_word';
  functions.add(quote);
  return `"$(${quote} "$${variable}")"`;
}

/** Quotes a text as one word of a POSIX shell. */
export function quoteForShell(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Formats what writes the command's input. `printf` is a builtin, so no value is in a list of processes. */
function formatInput(
  command: Command,
  target: ShellTarget,
  functions: Set<keyof typeof shellFunctions>,
): string | undefined {
  const { stdin, input, archive } = command;
  if (archive) return `tar -cf - ${Object.keys(archive).map(quoteForShell).join(' ')}`;
  if (stdin === undefined && input === undefined) return undefined;
  const markers = createMarkers(target, functions, stdin ? 'json' : 'plain');
  const text = String(commandInput(command, markers.vault));
  return stdin
    ? `printf '%s' ${markers.shellWord(text)}`
    : `printf '%s\\n' ${markers.shellWord(text.replace(/\n$/, ''))}`;
}
