import { Buffer } from 'node:buffer';
import type { TextFile } from '../environment/job-input.ts';
import type { Problem } from '../problems.ts';
import { checkConfigKey } from './config-keys.ts';
import { checkValue } from './values.ts';

/** A variable of a dotenv file. */
export interface DotenvEntry {
  readonly key: string;
  readonly value: string;
  /** The place of the key: `FILE:LINE:COLUMN`. */
  readonly where: string;
}

/** The most bytes of a dotenv file: 128 KiB. See docs/limits.md. */
export const maxDotenvSize = 128 * 1024;

/**
 * Reads a dotenv file: `KEY=value`, `export KEY="value"`, comments with #; in double quotes, \n is a line break. Values are taken
 * as they are: a `$NAME` in one is not replaced. If a key is set twice, the last one counts.
 *
 * What the parser would skip or cut off without a message is a problem with its place. No problem contains a value.
 */
export async function readDotenv(
  file: TextFile,
): Promise<{ readonly entries: readonly DotenvEntry[]; readonly problems: readonly Problem[] }> {
  if (Buffer.byteLength(file.text) > maxDotenvSize) {
    const remedy = 'Keep only the app’s configuration in it, and ship data as files.';
    return { entries: [], problems: [{ where: file.path, message: 'larger than 128 KiB', remedy }] };
  }
  const text = file.text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const { places, problems } = findAssignments({ path: file.path, text });
  const { parse } = await import('dotenv');
  const values = new Map(Object.entries(parse(text, { fast: true })));
  const entries = [...places].map(([key, where]) => ({ key, value: values.get(key) ?? '', where }));
  return { entries, problems: [...problems, ...entries.flatMap(checkEntry)] };
}

/** Returns the place of each key (the last one, if it is set twice), and the lines that are not read as they are meant. */
function findAssignments({ path, text }: TextFile): { places: Map<string, string>; problems: Problem[] } {
  const places = new Map<string, string>();
  const problems: Problem[] = [];
  let line = 1;
  for (let start = 0; start < text.length; ) {
    const { end, offset, key, problem } = readAssignment(text, start);
    const where = `${path}:${line}:${offset - start + 1}`;
    if (problem) problems.push({ where, ...problem });
    else if (key !== undefined) places.set(key, where);
    line += text.slice(start, end).split('\n').length - 1;
    start = end;
  }
  return { places, problems };
}

type Wrong = Pick<Problem, 'message' | 'remedy'>;

/** What begins at the start of a line. */
interface Assignment {
  /** Where the next line begins. */
  readonly end: number;
  /** Where its text begins. */
  readonly offset: number;
  /** Undefined for an empty line or a comment. */
  readonly key?: string | undefined;
  readonly problem?: Wrong;
}

const remainder = /[^\S\n]*(?:#.*)?(?:\n|$)/y;
const beginning = /([^\S\n]*)(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=|:[^\S\n])[^\S\n]*/y;

function readAssignment(text: string, start: number): Assignment {
  const empty = matchAt(remainder, text, start);
  if (empty) return { end: start + empty[0].length, offset: start };
  const match = matchAt(beginning, text, start);
  if (!match)
    return { end: findLineEnd(text, start), offset: findText(text, start), problem: notAnAssignment };
  const [whole, indent = '', key] = match;
  return { offset: start + indent.length, key, ...readValue(text, start + whole.length) };
}

const notAnAssignment = {
  message: 'not of the form KEY=value, so it would be ignored',
  remedy: 'Write KEY=value, or put a # in front of a comment. A value of several lines needs quotes.',
};

function matchAt(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start;
  return pattern.exec(text);
}

function findLineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end + 1;
}

function findText(text: string, start: number): number {
  return start + (/^\s*/.exec(text.slice(start, findLineEnd(text, start)))?.[0].length ?? 0);
}

function readValue(text: string, start: number): Pick<Assignment, 'end' | 'problem'> {
  const quote = text[start] ?? '';
  if (!['"', "'", '`'].includes(quote)) return readPlainValue(text, start);
  const closing = findClosingQuote(text, start, quote);
  if (closing === -1) return { end: findLineEnd(text, start), problem: notClosed(quote) };
  const rest = matchAt(remainder, text, closing + 1);
  return rest
    ? { end: closing + 1 + rest[0].length }
    : { end: findLineEnd(text, closing), problem: notTheEnd(quote) };
}

function readPlainValue(text: string, start: number): Pick<Assignment, 'end' | 'problem'> {
  const end = findLineEnd(text, start);
  // With the character in front of the value: a space, = or the colon.
  return /\S#/.test(text.slice(start - 1, end)) ? { end, problem: cutOff } : { end };
}

const cutOff = {
  message: 'the value has a # outside of quotes, and everything after it would be cut off as a comment',
  remedy: 'Put the value in quotes, or a space in front of the comment.',
};

function findClosingQuote(text: string, start: number, quote: string): number {
  let found = text.indexOf(quote, start + 1);
  while (found !== -1 && text[found - 1] === '\\') found = text.indexOf(quote, found + 1);
  return found;
}

function notClosed(quote: string): Wrong {
  return {
    message: `the value begins with ${quote}, and no ${quote} closes it`,
    remedy: `Close it, or put the value in other quotes if the ${quote} belongs to it.`,
  };
}

function notTheEnd(quote: string): Wrong {
  return {
    message: `the value continues after the closing ${quote}`,
    remedy: `Put the whole value in quotes of another kind.`,
  };
}

function checkEntry({ key, value, where }: DotenvEntry): Problem[] {
  const wrong = checkConfigKey(key) ?? (key === '__proto__' ? forbiddenKey : checkValue(value));
  return wrong ? [{ where, message: `${key}: ${wrong.message}`, remedy: wrong.remedy }] : [];
}

const forbiddenKey = { message: 'this key cannot be used', remedy: 'Rename it.' };
