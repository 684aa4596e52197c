import type { StepOutcome } from '../apply/events.ts';
import { formatDuration } from './duration.ts';
import type { StepRecord } from './progress-tracker.ts';
import { sanitizeLine } from './sanitize.ts';

/** Where a log goes, and what it may contain. */
export interface LogFormat {
  readonly write: (text: string) => void;
  /** Collapsible sections, as GitLab's log folds them. */
  readonly sections: boolean;
  readonly colours: boolean;
}

/** Returns a text in one of the terminal's colours (ECMA-48, SGR), if the log has colours. */
export function paint(text: string, code: number, { colours }: Pick<LogFormat, 'colours'>): string {
  return colours ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** Turns a text into one line without colours or control characters, since it may contain a name that someone else chose. */
export function toPlainLine(text: string): string {
  return sanitizeLine(text.replace(/[\r\n]+/g, ' '), { colours: false });
}

/** How a log names the outcome of a step, and in which colour. */
export const outcomeLabels: Readonly<Record<StepRecord['outcome'], readonly [string, number]>> = {
  done: ['done', 32],
  skipped: ['nothing to do', 36],
  failed: ['FAILED', 31],
  stopped: ['stopped', 33],
  'not-started': ['not started', 33],
};

/** Returns how a step or a script ended: `done in 2 s`. */
export function formatOutcome(
  { outcome, took }: { readonly outcome: StepOutcome; readonly took: number },
  options: Pick<LogFormat, 'colours'>,
): string {
  const [label, code] = outcomeLabels[outcome];
  return `${paint(label, code, options)} in ${formatDuration(took)}`;
}
