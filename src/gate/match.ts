import { hasForm, readValueName, type ValueName } from './values.ts';
import type { Rule } from './vocabulary.ts';

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
  for (const part of partsOf(rule)) {
    const taken = takePart(part, words.slice(at));
    if (taken === undefined && !part.isOptional) return undefined;
    matched.push(...(taken ?? []));
    at += taken?.length ?? 0;
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

const parsedRules = new Map<Rule, readonly Part[]>();

function partsOf(rule: Rule): readonly Part[] {
  const parts = parsedRules.get(rule) ?? parseRule(rule);
  parsedRules.set(rule, parts);
  return parts;
}

function parseRule({ words }: Rule): Part[] {
  return (words.match(/\[[^\]]+\]|\S+/g) ?? []).map((part) => ({
    words: part.replace(/^\[|\]$|…$/g, '').split(' '),
    isOptional: part.startsWith('['),
    isRepeated: part.endsWith('…'),
  }));
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
