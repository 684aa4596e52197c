import { formatAddress } from '../access/host-address.ts';
import type { RunResult } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import type { JobInput } from '../environment/job-input.ts';
import type { DeployError } from '../errors.ts';
import { mapStrings } from '../report/map-strings.ts';
import { linkPages } from '../report/page-urls.ts';
import type { StepRecord } from '../report/progress-tracker.ts';
import { sanitizeText } from '../report/sanitize.ts';
import type { HostUsage } from '../ssh/host.ts';
import { version } from '../version.ts';

/** The summary of a run, for `--format json` and deploy.json. */
export interface RunSummary {
  readonly version: 1;
  readonly tool: string;
  readonly command: string;
  /** Undefined if the input was refused. */
  readonly app: string | undefined;
  readonly host: string | undefined;
  readonly environment: string | undefined;
  readonly ref: string;
  readonly commit: string | undefined;
  readonly services: readonly string[];
  /** The URLs of the pages that the merge request changes. */
  readonly pages: readonly string[];
  readonly exitCode: number;
  readonly result: RunResult | undefined;
  /** Why the run was skipped: it then has neither a result nor an error. */
  readonly skipped?: string | undefined;
  readonly error:
    | { readonly code: string; readonly message: string; readonly remedy: string | undefined }
    | undefined;
  readonly steps: readonly StepRecord[];
  /** Milliseconds. */
  readonly took: number;
  readonly used: HostUsage;
}

/** What is known of a run at its end. `context` is undefined if the input was refused. */
export interface SummaryInput {
  readonly command: CommandName;
  readonly jobInput: JobInput;
  readonly context: Context | undefined;
  readonly skipped?: string | undefined;
  readonly result: RunResult | undefined;
  readonly error: DeployError | undefined;
  readonly exitCode: number;
  readonly services: readonly string[];
  readonly steps: readonly StepRecord[];
  readonly took: number;
  readonly usage: HostUsage;
}

/** Builds the summary of a finished run. */
export function buildSummary({ command, jobInput, context, error, ...ending }: SummaryInput): RunSummary {
  const { CI_COMMIT_REF_NAME: ref = '', CI_COMMIT_SHA: commit } = jobInput.variables;
  return {
    version: 1,
    tool: version,
    command,
    app: context?.app,
    host: context?.access && formatAddress(context.access.address),
    environment: context?.environment,
    ref: context?.ref ?? ref,
    commit: deployedCommit(ending.result) ?? (context ? context.source.commit : commit),
    services: ending.services,
    pages: linkPages(context?.changedPages ?? [], firstUrl(ending.result)).map(({ url }) => url),
    exitCode: ending.exitCode,
    result: ending.result,
    skipped: ending.skipped,
    error: error && summarizeError(error),
    steps: ending.steps,
    took: ending.took,
    used: ending.usage,
  };
}

function deployedCommit(result: RunResult | undefined): string | undefined {
  return result?.kind === 'serving' ? result.commit : undefined;
}

function firstUrl(result: RunResult | undefined): string | undefined {
  return result?.kind === 'serving' ? result.urls[0] : undefined;
}

function summarizeError({ code, message, remedy }: DeployError): NonNullable<RunSummary['error']> {
  return {
    code,
    message,
    remedy,
  };
}

/** Formats the summary as JSON text without control characters. */
export function formatSummary(summary: RunSummary): string {
  return `${JSON.stringify(mapStrings(summary, sanitizeText), null, 2)}\n`;
}

/** Whether a text is a summary that this tool wrote: its first keys are those of one. An empty file counts. */
export function isSummary(text: string): boolean {
  return text === '' || /^\{\s*"version":\s*\d+,\s*"tool":\s*"/.test(text);
}
