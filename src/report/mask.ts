import { minSecretLength, type Secret } from '../secret.ts';
import { createSearch, foldCase, type Match } from './search.ts';
import { listSecretForms } from './secret-forms.ts';

/** Returns a text in which each secret is replaced with its name in brackets. */
export type Mask = (text: string) => string;

/**
 * Creates the mask for some secrets, in all forms of `listSecretForms`. The texts of `keep` are what the run is about, such as
 * its app and its branch: a value that is part of one is not masked there.
 */
export function createMask(secrets: Iterable<Secret>, keep: Iterable<string> = []): Mask {
  const forms = collectForms(secrets);
  const hidden = [...forms.keys()];
  const search = createSearch(hidden);
  const kept = [...keep].map(foldCase).filter((text) => search(text).length > 0);
  for (const text of kept) forms.set(text, undefined);
  return createMaskOfForms(forms);
}

/** How a form is replaced; undefined for a text that is kept. */
type Replacement = { readonly name: string; readonly isBase64: boolean } | undefined;

/** Collects the forms of all secrets, with their case folded. If a form has several names, the last one wins. */
function collectForms(secrets: Iterable<Secret>): Map<string, Replacement> {
  const forms = new Map<string, Replacement>();
  const values = new Map<string, Replacement>();
  for (const secret of secrets) {
    const name = secret.toString();
    if (secret.isPublic || secret.reveal().length < minSecretLength) continue;
    for (const { text, isBase64 } of listSecretForms(secret.reveal())) {
      forms.set(foldCase(text), { name, isBase64 });
    }
    // A secret that is also a part of another one keeps its own name.
    values.set(foldCase(secret.reveal()), { name, isBase64: false });
  }
  return new Map([...forms, ...values]);
}

function createMaskOfForms(forms: ReadonlyMap<string, Replacement>): Mask {
  const replacements = [...forms.values()];
  const search = createSearch([...forms.keys()]);
  const replaceSecrets: Mask = (text) => {
    const matches = search(text);
    return matches.length === 0 ? text : replaceMatches(text, matches, replacements);
  };
  return (text) => {
    const masked = replaceSecrets(text);
    if (!text.includes('\u001b[')) return masked;
    // Colours inside of a secret hide it from the search: such a line loses its colours.
    const plain = replaceSecrets(removeColours(text));
    return removeColours(masked) === plain ? masked : plain;
  };
}

function removeColours(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** The length of the match that it is named by. */
  readonly length: number;
}

function replaceMatches(
  text: string,
  matches: readonly Match[],
  replacements: readonly Replacement[],
): string {
  let result = '';
  let done = 0;
  for (const { start, end, name } of findSpans(text, matches, replacements)) {
    result += `${text.slice(done, start)}${name}`;
    done = end;
  }
  return result + text.slice(done);
}

/** Returns what to replace: the matches that are not within a kept text. Those that overlap are one, named by the longest. */
function findSpans(text: string, matches: readonly Match[], replacements: readonly Replacement[]): Span[] {
  const spans: Span[] = [];
  let keptUntil = 0;
  for (const match of matches) {
    const replacement = replacements[match.index];
    if (!replacement) keptUntil = Math.max(keptUntil, match.end);
    if (!replacement || match.end <= keptUntil) continue;
    const { start, end } = replacement.isBase64 ? extendBase64(text, match) : match;
    const span = { start, end, name: replacement.name, length: match.end - match.start };
    const last = spans.at(-1);
    if (!last || start >= last.end) spans.push(span);
    else {
      const { name, length } = span.length > last.length ? span : last;
      spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, end), name, length };
    }
  }
  return spans;
}

/** Extends a match of base64 by the characters around it, which have bits of the secret, and by its padding. */
function extendBase64(text: string, { start, end }: Match): { readonly start: number; readonly end: number } {
  const before = /[\w+/-]/.test(text[start - 1] ?? '') ? 1 : 0;
  const [after = ''] = /^[\w+/-]?={0,2}/.exec(text.slice(end, end + 3)) ?? [];
  return { start: start - before, end: end + after.length };
}
