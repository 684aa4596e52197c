import type { Result } from '../apply/events.ts';
import type { Plan } from '../plan/plan.ts';
import { showPlan } from '../plan/text.ts';

/** A dry run's result: the plan, for people or for machines. */
export function showDryRun(plan: Plan, format: 'text' | 'json'): string {
  return format === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : showPlan(plan);
}

/** What goes to standard output in text form: the URLs alone, or nothing where there is none. */
export function showResult(result: Result): string {
  return result.kind === 'serving' ? result.urls.map((url) => `${url}\n`).join('') : '';
}
