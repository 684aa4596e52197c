import type { RunResult } from '../apply/events.ts';
import type { Plan } from '../plan/plan.ts';
import { formatPlan } from '../plan/text.ts';

/** A dry run's result: the plan, for people or for machines. */
export function formatDryRun(plan: Plan, format: 'text' | 'json'): string {
  return format === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : formatPlan(plan);
}

/** What goes to standard output in text form: the URLs alone, or nothing where there is none. */
export function formatResult(result: RunResult): string {
  return result.kind === 'serving' ? result.urls.map((url) => `${url}\n`).join('') : '';
}
