import type { Flags } from '../context/flags.ts';

/** All flags of the pipeline's commands. */
export interface RunFlags extends Flags {
  readonly dryRun: boolean;
  readonly exitCode: boolean;
  readonly format: 'text' | 'json';
  readonly logFormat: 'text' | 'json';
  /** Paths; undefined: none is written. */
  readonly dotenv: string | undefined;
  readonly facts: string | undefined;
  readonly strict: boolean;
}
