import type { Result } from '../apply/events.ts';
import type { Used } from '../host/host.ts';
import type { Plan } from '../plan/plan.ts';
import { showPlan } from '../plan/show.ts';
import type { StepEnd } from '../report/steps.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A dry run's result: the plan, for people or for machines. */
export const showDryRun = (plan: Plan, format: 'text' | 'json'): string =>
  format === 'json' ? json(plan) : showPlan(plan);

/** The facts of a run, for `--format json` and deploy.json. */
export interface RunFacts {
  readonly version: 1;
  readonly tool: string;
  readonly command: string;
  /** Undefined where the run was refused before it was settled. */
  readonly app: string | undefined;
  readonly host: string | undefined;
  readonly environment: string | undefined;
  readonly ref: string;
  readonly commit: string | undefined;
  readonly services: readonly string[];
  readonly exitCode: number;
  readonly result: Result | undefined;
  readonly error:
    | { readonly code: string; readonly message: string; readonly remedy: string | undefined }
    | undefined;
  readonly steps: readonly StepEnd[];
  /** Milliseconds. */
  readonly took: number;
  readonly used: Used;
}

/** The facts as JSON text. */
export const showFacts = (facts: RunFacts): string => json(facts);

/** What goes to standard output in text form: the URLs alone, or nothing where there is none. */
export const showResult = (result: Result): string =>
  result.kind === 'serving' ? result.urls.map((url) => `${url}\n`).join('') : '';
