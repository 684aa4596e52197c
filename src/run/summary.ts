import { showAddress } from '../access/host-address.ts';
import type { Result } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import type { Given } from '../environment/given.ts';
import type { DeployError } from '../errors.ts';
import type { StepEnd } from '../report/step-results.ts';
import type { Used } from '../ssh/host.ts';
import { version } from '../version.ts';

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

/** What is known of a run at its end. `context` is undefined where what was given was refused. */
export interface Ending {
  readonly command: CommandName;
  readonly given: Given;
  readonly context: Context | undefined;
  readonly result: Result | undefined;
  readonly error: DeployError | undefined;
  readonly exitCode: number;
  readonly services: readonly string[];
  readonly steps: readonly StepEnd[];
  readonly took: number;
  readonly used: Used;
}

/** The facts of a run that has ended. */
export function factsOf({ command, given, context, error, ...ending }: Ending): RunFacts {
  const { CI_COMMIT_REF_NAME: ref = '', CI_COMMIT_SHA: commit } = given.variables;
  return {
    version: 1,
    tool: version,
    command,
    app: context?.app,
    host: context?.access && showAddress(context.access.address),
    environment: context?.environment,
    ref: context?.ref ?? ref,
    commit: context ? context.source.commit : commit,
    services: ending.services,
    exitCode: ending.exitCode,
    result: ending.result,
    error: error && errorFacts(error),
    steps: ending.steps,
    took: ending.took,
    used: ending.used,
  };
}

function errorFacts({ code, message, remedy }: DeployError): NonNullable<RunFacts['error']> {
  return {
    code,
    message,
    remedy,
  };
}

/** The facts as JSON text. */
export function showFacts(facts: RunFacts): string {
  return `${JSON.stringify(facts, null, 2)}\n`;
}
