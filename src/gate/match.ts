import type { Rule } from './rule.ts';
import { hasForm, readValueName, type ValueName } from './values.ts';

/** One word of a command, with the value that it is of its rule, if it is one. */
export interface MatchedWord {
  readonly word: string;
  readonly value: ValueName | undefined;
}

/** A command that a rule matches. */
export interface Match {
  readonly rule: Rule;
  readonly words: readonly MatchedWord[];
  /** The service plugin of a rule that begins with PLUGIN. */
  readonly plugin: string | undefined;
}

/** Matches words with a rule, word by word. Returns undefined if a word is missing, unexpected or of another form. */
export function matchRule(
  rule: Rule,
  words: readonly string[],
  plugins: ReadonlySet<string>,
): Match | undefined {
  const matched: MatchedWord[] = [];
  let plugin: string | undefined;
  let at = 0;
  for (const parts of partsOf(rule)) {
    const taken = takeParts(parts, words.slice(at));
    if (taken === undefined) return undefined;
    matched.push(...taken);
    at += taken.length;
  }
  if (at !== words.length) return undefined;
  if (rule.words.startsWith(pluginPrefix)) {
    plugin = words[0]?.split(':')[0];
    if (plugin === undefined || !plugins.has(plugin)) return undefined;
  }
  return { rule, words: matched, plugin };
}

const pluginPrefix = 'PLUGIN:';

/** Some words of a rule that belong together: one, or the ones in brackets. */
interface Part {
  readonly words: readonly string[];
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}

const parsedRules = new Map<Rule, readonly (readonly Part[])[]>();

/** The parts of a rule in order; those that may be left out together with their neighbours of the same kind. */
function partsOf(rule: Rule): readonly (readonly Part[])[] {
  const parts = parsedRules.get(rule) ?? parseRule(rule);
  parsedRules.set(rule, parts);
  return parts;
}

function parseRule({ words }: Rule): Part[][] {
  const parts = (words.match(/\[[^\]]+\]|\S+/g) ?? []).map((part) => ({
    words: part.replace(/^\[|\]$|…$/g, '').split(' '),
    isOptional: part.startsWith('['),
    isRepeated: part.endsWith('…'),
  }));
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (part.isOptional && last?.[0]?.isOptional) last.push(part);
    else groups.push([part]);
  }
  return groups;
}

/** Takes one part that is needed, or each of some optional ones at most once, in any order. */
function takeParts(parts: readonly Part[], words: readonly string[]): MatchedWord[] | undefined {
  const [first] = parts;
  if (first && !first.isOptional) return takePart(first, words);
  const left = [...parts];
  const matched: MatchedWord[] = [];
  for (;;) {
    const rest = words.slice(matched.length);
    const index = left.findIndex((part) => takePart(part, rest) !== undefined);
    const [part] = index === -1 ? [] : left.splice(index, 1);
    if (part === undefined) return matched;
    matched.push(...(takePart(part, rest) ?? []));
  }
}

function takePart(part: Part, words: readonly string[]): MatchedWord[] | undefined {
  const matched: MatchedWord[] = [];
  do {
    for (const expected of part.words) {
      const found = takeWord(expected, words[matched.length]);
      if (!found) return undefined;
      matched.push(found);
    }
  } while (part.isRepeated && matched.length < words.length);
  return matched;
}

function takeWord(expected: string, word: string | undefined): MatchedWord | undefined {
  if (word === undefined) return undefined;
  const value = readValueName(expected);
  if (value !== undefined) return hasForm(value, word) ? { word, value } : undefined;
  const isSame = expected.startsWith(pluginPrefix)
    ? new RegExp(`^[a-z]+:${expected.slice(pluginPrefix.length)}$`).test(word)
    : word === expected;
  return isSame ? { word, value: undefined } : undefined;
}
