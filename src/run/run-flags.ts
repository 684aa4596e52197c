import type { Flags } from '../context/flags.ts';

/** All flags of the pipeline's commands. */
export interface RunFlags extends Flags {
  readonly dryRun: boolean;
  readonly exitCode: boolean;
  readonly format: 'text' | 'json';
  readonly logFormat: 'text' | 'json';
  /** Whether the app is only compared with what is declared for it. */
  readonly configDiff?: boolean;
  /** Whether a dry run prints its plan as commands for a shell. */
  readonly explain: boolean;
  /** A path, or `none` for no file; undefined: the default path in a CI job, no file elsewhere. */
  readonly dotenv: string | undefined;
  /** The same for each of these. */
  readonly facts: string | undefined;
  readonly annotations: string | undefined;
  readonly junit: string | undefined;
  /** Where a dry run writes the numbers of its plan; undefined: nowhere. */
  readonly terraformReport: string | undefined;
  /** Where a dry run saves its plan; undefined: nowhere. */
  readonly planOut: string | undefined;
  /** The saved plan to apply. */
  readonly plan: string | undefined;
  /** The command of `review run`, how long it may take, and the file for its output. */
  readonly commandWords?: readonly string[];
  readonly timeout?: string | undefined;
  readonly output?: string | undefined;
  readonly strict: boolean;
  /** Deploys even during a deploy freeze. */
  readonly duringFreeze: boolean;
}
