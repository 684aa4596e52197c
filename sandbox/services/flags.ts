import type { ServiceRequest } from './lookup.ts';

/** The flags of `create`, `clone`, `link`, `unlink` and `upgrade`, as a plugin's parser understood them. */
export interface ServiceFlags {
  /** Values by letter; flags that take none have an empty one. */
  readonly values: ReadonlyMap<string, string>;
  /** What the parser complained of, without the program's name. It goes on all the same. */
  readonly complaints: readonly string[];
}

/** Prints what the parser of the call's command complained of. */
export function printComplaints({ call, type }: ServiceRequest, { complaints }: ServiceFlags): void {
  const program = `/var/lib/dokku/plugins/enabled/${type.plugin}/subcommands/${call.command.split(':')[1]}`;
  for (const text of complaints) call.err(`${program}: ${text}\n`);
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
  readonly complaints: string[];
}

/**
 * Reads flags as the plugins do: known long ones become letters, then bash's getopts reads letters. So an unknown
 * long flag is taken apart (`--nosuch` sets the shared memory's size to `uch`), and the first other word ends it all.
 */
export function parseServiceFlags(words: readonly string[]): ServiceFlags {
  const letters: Letters = { values: new Map(), complaints: [] };
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

/** Reads one word of letters as bash's getopts does; true when the next word was taken as a value. */
function parseLetters(word: string, next: string | undefined, { values, complaints }: Letters): boolean {
  for (const [index, letter] of [...word].entries()) {
    const rest = word.slice(index + 1);
    if (switchLetters.includes(letter)) values.set(letter, '');
    else if (!valueLetters.includes(letter)) complaints.push(`illegal option -- ${letter}`);
    else if (rest !== '') {
      values.set(letter, rest);
      return false;
    } else if (next === undefined) complaints.push(`option requires an argument -- ${letter}`);
    else {
      values.set(letter, next);
      return true;
    }
  }
  return false;
}
