import type { Emit, RunResult } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import type { JobInput } from '../environment/job-input.ts';
import type { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { OutputMask } from '../report/output-mask.ts';
import type { Redact } from '../report/redact.ts';
import type { Secret } from '../secret.ts';
import type { Host } from '../ssh/host.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './run-flags.ts';

/** The target of a run, known once its input is valid. */
export interface RunTarget {
  readonly context: Context;
  readonly host: Host | undefined;
}

/**
 * Reports a run: logs its events and, at its end, writes the result and the files for GitLab, and notifies people.
 * Everything that it is given is redacted first.
 */
export interface Reporter extends Disposable {
  readonly setContext: (target: RunTarget) => void;
  /** Reports the start of the run. */
  readonly start: () => void;
  readonly emit: Emit;
  /** Shows how far a running step is, on a terminal. The text must hold no secrets. */
  readonly showProgress: (id: string, text: string | undefined) => void;
  readonly reportPlan: (plan: Plan) => void;
  readonly warn: (about: string, message: string) => void;
  readonly note: (message: string) => void;
  readonly redact: Redact;
  /** Returns a mask for the output of a program, which is passed on as it is otherwise. */
  readonly maskOutput: () => OutputMask;
  /** Returns a promise that resolves when the log can take more output; undefined if it can at once. */
  readonly logReady: () => Promise<void> | undefined;
  /** Masks these, too. */
  readonly addSecrets: (secrets: Iterable<Secret>) => void;
  /** Masks the passwords in the app's configuration on the host, too. */
  readonly addAppConfig: (config: ReadonlyMap<string, string>) => void;
  /**
   * Writes a value to standard output: with `--format json` as JSON, else as `formatText` has it. Its strings are redacted before it is
   * formatted, except for the texts in `kept`.
   */
  readonly print: <Value>(
    value: Value,
    formatText: (value: Value) => string,
    kept?: readonly string[],
  ) => void;
  /** These end the run and return its exit code. `refuse` ends a run that only prints: it writes no files and notifies no one. */
  readonly finish: (result: RunResult) => Promise<number>;
  /** Ends a run that has nothing to do, for the reason given. */
  readonly skip: (reason: string) => Promise<number>;
  readonly fail: (error: DeployError) => Promise<number>;
  readonly refuse: (error: DeployError) => number;
}

/** The run to report. */
export interface ReporterOptions {
  readonly world: World;
  readonly flags: RunFlags;
  readonly jobInput: JobInput;
  readonly command: CommandName;
}
