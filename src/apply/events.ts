import type { DeployError } from '../errors.ts';

/** What came of a step. `skipped`: it was already so, or the host said that it had been done. */
export type StepOutcome = 'done' | 'skipped' | 'failed' | 'stopped';

/** Where the app's life stands at the end of a run: what the merge request's note and the notices speak of. */
export type RunResult =
  | { readonly kind: 'serving'; readonly urls: readonly string[]; readonly shipped: boolean }
  | { readonly kind: 'removed'; readonly services: readonly string[]; readonly wasThere: boolean };

/** All that can be told of a run, in the order it happens. `at` is milliseconds since the epoch. */
export type RunEvent =
  | {
      readonly kind: 'run-started';
      readonly at: number;
      readonly command: string;
      readonly version: string;
      readonly app: string;
      readonly host: string | undefined;
    }
  | { readonly kind: 'warned'; readonly at: number; readonly about: string; readonly message: string }
  | { readonly kind: 'noted'; readonly at: number; readonly message: string }
  | {
      readonly kind: 'planned';
      readonly at: number;
      readonly steps: readonly { readonly id: string; readonly title: string }[];
    }
  | { readonly kind: 'step-started'; readonly at: number; readonly id: string; readonly title: string }
  | {
      readonly kind: 'said';
      readonly at: number;
      readonly id: string;
      /** A line in the host's own words. */
      readonly line: string;
    }
  | { readonly kind: 'waiting'; readonly at: number; readonly id: string; readonly message: string }
  | {
      readonly kind: 'step-ended';
      readonly at: number;
      readonly id: string;
      readonly title: string;
      readonly outcome: StepOutcome;
      /** Milliseconds that it took. */
      readonly took: number;
      readonly note: string | undefined;
    }
  | {
      readonly kind: 'run-ended';
      readonly at: number;
      readonly took: number;
      readonly exitCode: number;
      readonly result: RunResult | undefined;
      readonly error: DeployError | undefined;
    };

export type Emit = (event: RunEvent) => void;
