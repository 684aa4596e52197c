import type { ServiceRequest } from './lookup.ts';

/** The flags of `create`, `clone`, `link`, `unlink` and `upgrade`, as a plugin's parser reads them. */
export interface ServiceFlags {
  /** Values by letter; empty for flags without a value. */
  readonly values: ReadonlyMap<string, string>;
  /** The parser's error messages without the program's name. The command continues anyway. */
  readonly parseErrors: readonly string[];
}

/** Prints the parser's error messages. */
export function printParseErrors({ call, type }: ServiceRequest, { parseErrors }: ServiceFlags): void {
  const program = `/var/lib/dokku/plugins/enabled/${type.plugin}/subcommands/${call.command.split(':')[1]}`;
  for (const text of parseErrors) call.err(`${program}: ${text}\n`);
}

const longFlags: Readonly<Record<string, string>> = {
  '--alias': '-a',
  '--config-options': '-c',
  '--custom-env': '-C',
  '--database': '-d',
  '--image-version': '-I',
  '--initial-network': '-N',
  '--image': '-i',
  '--memory': '-m',
  '--no-restart': '-n',
  '--password': '-p',
  '--post-create-network': '-P',
  '--post-start-network': '-S',
  '--querystring': '-q',
  '--restart-apps': '-R',
  '--root-password': '-r',
  '--shm-size': '-s',
  '--user': '-u',
};

interface Letters {
  readonly values: Map<string, string>;
  readonly parseErrors: string[];
}

/**
 * Reads flags as the plugins do: known long flags become letters, then bash's getopts reads the letters. So an unknown
 * long flag is read letter by letter (`--nosuch` sets the shared memory size to `uch`), and the first other word ends the
 * flags.
 */
export function parseServiceFlags(words: readonly string[]): ServiceFlags {
  const letters: Letters = { values: new Map(), parseErrors: [] };
  const short = words.map((word) => longFlags[word] ?? word);
  for (let index = 0; index < short.length; index += 1) {
    const word = short[index] ?? '';
    if (!word.startsWith('-') || word === '-' || word === '--') break;
    if (parseLetters(word.slice(1), short[index + 1], letters)) index += 1;
  }
  return letters;
}

const switchLetters = 'n';
const valueLetters = 'acCdiImNpPqRrsSu';

/** Reads one word of letters as bash's getopts does. Returns true if the next word was used as a value. */
function parseLetters(word: string, next: string | undefined, { values, parseErrors }: Letters): boolean {
  for (const [index, letter] of [...word].entries()) {
    const rest = word.slice(index + 1);
    if (switchLetters.includes(letter)) values.set(letter, '');
    else if (!valueLetters.includes(letter)) parseErrors.push(`illegal option -- ${letter}`);
    else if (rest !== '') {
      values.set(letter, rest);
      return false;
    } else if (next === undefined) parseErrors.push(`option requires an argument -- ${letter}`);
    else {
      values.set(letter, next);
      return true;
    }
  }
  return false;
}
