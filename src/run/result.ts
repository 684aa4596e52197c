import type { RunResult } from '../apply/events.ts';
import type { Plan } from '../plan/plan.ts';
import { formatPlan } from '../plan/text.ts';
import { sanitizeText } from '../report/sanitize.ts';

/** Formats the result of a dry run: the plan as text or JSON. */
export function formatDryRun(plan: Plan, format: 'text' | 'json'): string {
  return format === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : formatPlan(plan);
}

/** Formats the result for standard output in text form: one URL per line, nothing if there is none. */
export function formatResult(result: RunResult): string {
  return result.kind === 'serving'
    ? result.urls.map((url) => `${sanitizeText(url).replace(/\s+/g, '')}\n`).join('')
    : '';
}
