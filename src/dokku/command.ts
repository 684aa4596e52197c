import type { Vault } from '../secret.ts';
import { packTar } from './tar.ts';

/** A value of a plan's command or configuration: plain text, or the name of a secret that is filled in when it is sent. */
export type Value = string | { readonly secret: string };

/** A word of a command: a value, or `KEY=value` pairs joined by semicolons; `base64` encodes their values. */
export type Word = Value | { readonly pairs: Readonly<Record<string, Value>>; readonly base64?: true };

/**
 * A Dokku command as plain data. `words` are unquoted. `stdin` is the configuration that the command reads, sent as JSON; `input`
 * is a line that it reads; `archive` is a tar archive of files by name, which exists only in memory.
 * `quiet` puts `--quiet` first, where Dokku expects its global flags.
 */
export interface Command {
  readonly words: readonly Word[];
  readonly quiet?: true;
  readonly stdin?: Readonly<Record<string, Value>>;
  readonly input?: Value;
  readonly archive?: Readonly<Record<string, Value>>;
}

/** The result of asking the host. Only `answered` and `refused` are facts about it. */
export type CommandResult =
  | { readonly kind: 'answered'; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'refused'; readonly exit: number; readonly stdout: string; readonly stderr: string }
  | {
      readonly kind: 'not-reached';
      readonly reason: string;
      /** The command may have reached the host. */
      readonly sent: boolean;
    };

/** The host's answer to a command. */
export type Answer = Exclude<CommandResult, { readonly kind: 'not-reached' }>;

/**
 * Builds the line that is sent over SSH for a command. Dokku (its `dokku` file) splits a line whose first word contains
 * `git` on spaces and keeps quotes; every other line goes through `xargs`, which honours quotes and expands nothing.
 *
 * Throws for a word that would not arrive unchanged (a newline; `-n`; a space in a git command): a bug of the caller. The
 * error names the word's position and never the word, which may be a secret.
 */
export function buildSshLine({ words, quiet }: Command, vault: Vault): string {
  const first = displayWord(words[0] ?? '');
  const quote = first.includes('git') ? keepPlain : quoteWord;
  const quotedWords = words.map((word, index) => {
    const safe = quote(revealWord(word, vault));
    if (safe === undefined) throw new Error(`word ${index} of ${first} cannot be sent to Dokku as it is`);
    return safe;
  });
  return [...(quiet ? ['--quiet'] : []), ...quotedWords].join(' ');
}

function displayWord(word: Word): string {
  return typeof word === 'object' && 'pairs' in word
    ? joinPairs(word.pairs, displayValue)
    : displayValue(word);
}

function displayValue(value: Value): string {
  return typeof value === 'string' ? value : `[${value.secret}]`;
}

function joinPairs(pairs: Readonly<Record<string, Value>>, write: (value: Value) => string): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${write(value)}`)
    .join(';');
}

const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

function keepPlain(word: string): string | undefined {
  return plainWord.test(word) ? word : undefined;
}

/** Words that never arrive: Dokku's splitter runs every word through GNU echo, which takes these as its own options. */
const unsafeWords = new Set(['-n', '-e', '-E', '--version', '--help']);

function quoteWord(word: string): string | undefined {
  if (unsafeWords.has(word) || /[\n\0]/.test(word)) return undefined;
  return plainWord.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function revealWord(word: Word, vault: Vault): string {
  if (typeof word === 'string' || 'secret' in word) return revealValue(word, vault);
  return joinPairs(word.pairs, (value) => {
    const text = revealValue(value, vault);
    return word.base64 ? Buffer.from(text).toString('base64') : text;
  });
}

/** Returns a value as it is sent. Throws for a secret that the vault lacks: a bug. */
function revealValue(value: Value, vault: Vault): string {
  if (typeof value === 'string') return value;
  const secret = vault.get(value.secret);
  if (!secret) throw new Error(`the plan names the secret ${value.secret}, which is not in the vault`);
  return secret.reveal();
}

/** Returns a command's standard input as it is sent; undefined if it reads none. */
export function commandInput(
  { stdin, input, archive }: Command,
  vault: Vault,
): string | Uint8Array | undefined {
  if (input !== undefined) return `${revealValue(input, vault)}\n`;
  if (archive) return packTar(revealValues(archive, vault));
  return stdin && JSON.stringify(revealValues(stdin, vault));
}

function revealValues(values: Readonly<Record<string, Value>>, vault: Vault): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, revealValue(value, vault)]));
}

/** Formats a command for people, in a plan or an error: secrets appear by name. */
export function displayCommand({ words, quiet, ...input }: Command): string {
  return `${quiet ? '--quiet ' : ''}${words.map(displayWord).join(' ')}${displayInput(input)}`;
}

function displayInput({ stdin, input, archive }: Omit<Command, 'words'>): string {
  if (input !== undefined) return ` < ${displayValue(input)}`;
  if (archive) return ` < tar(${Object.entries(archive).map(displayFile).join(', ')})`;
  return stdin ? ` < {${Object.keys(stdin).join(', ')}}` : '';
}

function displayFile([name, content]: readonly [string, Value]): string {
  return typeof content === 'string' ? name : `${name} = ${displayValue(content)}`;
}
