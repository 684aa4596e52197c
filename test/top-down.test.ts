import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const files = globSync('{src,sandbox,scripts,image,bench}/**/*.ts', { cwd: root }).sort();

describe('files read from the top down', () => {
  test('a named function is a declaration, not a const', () => {
    expect(files.flatMap((file) => problems(file, functionsAsConsts))).toEqual([]);
  });

  test('what a file exports stands above its helpers', () => {
    expect(files.flatMap((file) => problems(file, helpersAboveExports))).toEqual([]);
  });

  test('a helper stands below the first that uses it', () => {
    expect(files.flatMap((file) => problems(file, helpersBeforeUse))).toEqual([]);
  });
});

function problems(file: string, find: (code: string) => string[]): string[] {
  return find(codeOf(file)).map((name) => `${file}: ${name}`);
}

/** A file without its comments: they may name anything. */
function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/^\s*(\/\/|\/\*\*|\*).*\n/gm, '');
}

function functionsAsConsts(code: string): string[] {
  const starts = code.matchAll(
    /^(?:export )?const (\w+)(?:: [^=\n]+)? =\s*(?:async )?(?:function\b|(?:<[^(]*>)?\()/gm,
  );
  return [...starts]
    .filter(({ 0: start, index }) => !start.endsWith('(') || isArrow(code.slice(index + start.length)))
    .map(([, name = '']) => name);
}

/** Whether the text after an opening parenthesis is an arrow function's: its closing one is followed by `=>` or a type. */
function isArrow(text: string): boolean {
  let depth = 1;
  const end = [...text].findIndex((character) => {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    return depth === 0;
  });
  return /^\)(:| =>)/.test(text.slice(end));
}

function helpersAboveExports(code: string): string[] {
  const firstExport = code.search(/^export (async function|function|abstract class|class|const|let)\b/m);
  return helpersOf(code)
    .filter(({ index }) => index < firstExport)
    .map(({ name }) => name);
}

function helpersBeforeUse(code: string): string[] {
  return helpersOf(code)
    .filter(({ name, index }) => !new RegExp(`\\b${name}\\b`).test(code.slice(0, index)))
    .map(({ name }) => name);
}

/** The functions that a file keeps to itself. */
function helpersOf(code: string): { readonly name: string; readonly index: number }[] {
  const found = code.matchAll(/^(?:async )?function\*? (\w+)/gm);
  return [...found].map(({ 1: name = '', index }) => ({ name, index }));
}
