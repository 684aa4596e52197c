import type { DeployError } from '../errors.ts';

/** How a step ended. `skipped`: there was nothing to do, or the host reported it as already done. */
export type StepOutcome = 'done' | 'skipped' | 'failed' | 'stopped';

/** The state of the app at the end of a run, as the merge request note and the notifications describe it. */
export type RunResult =
  | {
      readonly kind: 'serving';
      readonly urls: readonly string[];
      readonly shipped: boolean;
      /** The commit that runs. */
      readonly commit?: string | undefined;
    }
  /** The app has what the next deploy needs. `services` are those of the app. */
  | { readonly kind: 'prepared'; readonly services: readonly string[]; readonly changed: boolean }
  | { readonly kind: 'removed'; readonly services: readonly string[]; readonly wasThere: boolean };

/** Everything a run reports, in order. `at` is milliseconds since the epoch. */
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
      /** A line that the host printed. */
      readonly line: string;
    }
  /** A script of the app (`predeploy`, `release` …) that the host runs in the step of this id. */
  | { readonly kind: 'script-started'; readonly at: number; readonly id: string; readonly script: string }
  | {
      readonly kind: 'script-ended';
      readonly at: number;
      readonly id: string;
      readonly script: string;
      readonly outcome: StepOutcome;
      /** Milliseconds. */
      readonly took: number;
    }
  /** Lines to read when something has failed, such as the app's log. */
  | {
      readonly kind: 'quoted';
      readonly at: number;
      readonly id: string;
      readonly title: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'waiting'; readonly at: number; readonly id: string; readonly message: string }
  | {
      readonly kind: 'step-ended';
      readonly at: number;
      readonly id: string;
      readonly title: string;
      readonly outcome: StepOutcome;
      /** Milliseconds. */
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
