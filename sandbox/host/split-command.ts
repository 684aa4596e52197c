/** A command line split into words. `complaint` is what the splitter prints for an unbalanced quote. */
export interface SplitLine {
  readonly words: readonly string[];
  readonly complaint: string | undefined;
}

/**
 * Splits a command as Dokku's `dokku` script does: at spaces, keeping quotes, if the first word contains `git`; otherwise
 * with xargs. The quotes around the arguments of git's own commands are removed later.
 */
export function splitCommand(line: string): SplitLine {
  const [first = ''] = line.trim().split(/\s+/);
  if (!first.includes('git')) return splitXargs(line);
  return { words: line.trim().split(/\s+/), complaint: undefined };
}

const whitespace = /[ \t\n]/;

/** Splits as `xargs -n 1 echo` does: quotes and backslashes count, nothing is expanded, a newline inside quotes is an error. */
function splitXargs(line: string): SplitLine {
  const words: string[] = [];
  for (let at = 0; at < line.length; ) {
    if (whitespace.test(line[at] as string)) {
      at += 1;
      continue;
    }
    const { word, end, open } = readWord(line, at);
    if (open) {
      const complaint = `xargs: unmatched ${open} quote; by default quotes are special to xargs unless you use the -0 option\n`;
      return { words, complaint };
    }
    words.push(...applyEcho(word));
    at = end;
  }
  return { words: words.filter((word, index) => word !== '' || index > 0), complaint: undefined };
}

interface WordRead {
  readonly word: string;
  readonly end: number;
  readonly open: 'single' | 'double' | undefined;
}

function readWord(line: string, start: number): WordRead {
  let word = '';
  let at = start;
  while (at < line.length && !whitespace.test(line[at] as string)) {
    const char = line[at] as string;
    if (char === '\\') {
      word += line[at + 1] ?? '';
      at += 2;
    } else if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at);
      if (quoted.open) return quoted;
      word += quoted.word;
      at = quoted.end;
    } else {
      word += char;
      at += 1;
    }
  }
  return { word, end: at, open: undefined };
}

function readQuoted(line: string, start: number): WordRead {
  const quote = line[start] as string;
  const end = line.indexOf(quote, start + 1);
  const stop = line.indexOf('\n', start + 1);
  if (end === -1 || (stop !== -1 && stop < end)) {
    return { word: '', end: line.length, open: quote === "'" ? 'single' : 'double' };
  }
  return { word: line.slice(start + 1, end), end: end + 1, open: undefined };
}

const echoVersion =
  'echo (GNU coreutils) 9.1 Copyright (C) 2022 Free Software Foundation, Inc. License GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>. This is free software: you are free to change and redistribute it. There is NO WARRANTY, to the extent permitted by law.  Written by Brian Fox and Chet Ramey.';

/** Applies the `echo` to which xargs passes each word: it swallows its own options and answers two of them itself. */
function applyEcho(word: string): string[] {
  if (/^-[neE]+$/.test(word)) return word.includes('n') ? [] : [''];
  if (word === '--version') return [echoVersion];
  if (word === '--help') return ['Usage: /bin/echo [SHORT-OPTION]... [STRING]...'];
  return [word];
}

/** Quotes words for a shell. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteShell).join(' ');
}

/** Quotes a value for a shell, in single quotes. */
export function quoteShell(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
