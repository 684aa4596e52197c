/** A session's command line as words, or why it is none that the gate passes on. */
export type SplitResult = { readonly words: readonly string[] } | { readonly refused: string };

/** Characters of the longest command line: a configuration as base64 words is the longest that dokku-deploy sends. */
export const maxLineLength = 128 * 1024;

/**
 * Splits a command line into words. Accepts only what each of Dokku's two splitters reads in the same way: words of plain characters,
 * or words that are quoted as a whole in single quotes (an apostrophe as `'\''`), with one space between them. No character has any
 * other meaning: what is left out here could mean something else to a shell, to xargs or to git.
 */
export function splitLine(line: string): SplitResult {
  if (line.length > maxLineLength)
    return { refused: `the command has more than ${maxLineLength} characters` };
  if (controlCharacter.test(line)) return { refused: 'the command has a control character' };
  if (!line.isWellFormed() || line.includes('\ufffd')) return { refused: 'the command is not UTF-8 text' };
  const words: string[] = [];
  let at = 0;
  for (;;) {
    wordPattern.lastIndex = at;
    const [found, word = '', separator] = wordPattern.exec(line) ?? [];
    if (found === undefined) return { refused: 'the command is not written as dokku-deploy writes it' };
    words.push(unquote(word));
    at += found.length;
    if (separator === '') return { words };
  }
}

// C0 and C1 controls, DEL, and Unicode’s separators and directions: they end lines or hide what a log shows.
const controlCharacter = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

const plainCharacters = 'A-Za-z0-9_@%+=:,./-';

const wordPattern = new RegExp(`([${plainCharacters}]+|'[^']*'(?:\\\\''[^']*')*)( |$)`, 'y');

function unquote(word: string): string {
  return word.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word;
}

/**
 * Joins words to the command line for Dokku, quoting those that need it. Returns undefined for words that would not all arrive
 * unchanged: Dokku splits a line whose first word contains `git` at spaces and keeps quotes; it passes every other word through echo.
 */
export function joinWords(words: readonly string[]): string | undefined {
  const [first = ''] = words;
  const isSplitAtSpaces = first.includes('git');
  const quoted = words.map((word) => {
    if (isPlain.test(word)) return word;
    return isSplitAtSpaces || controlCharacter.test(word) ? undefined : `'${word.replaceAll("'", "'\\''")}'`;
  });
  if (quoted.includes(undefined) || words.some((word) => isEchoOption.test(word))) return undefined;
  return quoted.join(' ');
}

const isPlain = new RegExp(`^[${plainCharacters}]+$`);

const isEchoOption = /^(-[neE]+|--version|--help)$/;
