import type { Answers } from './answers.ts';

/** Splits a list at spaces and commas. */
export function splitWords(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/))].filter((word) => word !== '');
}

/** Reads `postgres` or `postgres:17`. */
export function parseService(text: string): Answers['services'][number] {
  const [type = '', version] = text.split(':');
  return { type, version };
}
