import type { RunResult } from '../apply/events.ts';
import { sanitizeText } from '../report/sanitize.ts';

/** Formats the result for standard output in text form: one URL per line, nothing if there is none. */
export function formatResult(result: RunResult): string {
  return result.kind === 'serving'
    ? result.urls.map((url) => `${sanitizeText(url).replace(/\s+/g, '')}\n`).join('')
    : '';
}
