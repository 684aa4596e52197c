import type { z } from 'zod';

/**
 * Describes what is wrong with a value of the configuration file, for `safeParse`. Returns undefined for issues whose
 * description needs more than the value. A schema's own `error` takes precedence.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_type')
    return `expected ${typeNames.get(issue.expected) ?? issue.expected}, not ${describeValue(issue.input)}`;
  if (issue.code === 'too_small')
    return issue.origin === 'string'
      ? 'must not be empty'
      : describeBound('least', issue.origin, issue.minimum);
  return issue.code === 'too_big' ? describeBound('most', issue.origin, issue.maximum) : undefined;
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
]);

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? 'text' : String(value ?? 'an empty value');
}

function describeBound(word: 'least' | 'most', origin: string, bound: number | bigint): string {
  if (origin === 'array') return `must have at ${word} ${bound} ${Number(bound) === 1 ? 'entry' : 'entries'}`;
  return origin === 'string' ? `must have at ${word} ${bound} characters` : `must be at ${word} ${bound}`;
}
