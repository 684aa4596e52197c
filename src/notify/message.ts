import type { RunResult } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { LoginHint } from '../context/login-hint.ts';
import type { DeployError, ErrorCode } from '../errors.ts';
import { formatDuration } from '../report/duration.ts';
import { mapStrings } from '../report/map-strings.ts';
import { linkPages, type PageLink } from '../report/page-urls.ts';
import type { Redact } from '../report/redact.ts';
import { sanitizeText } from '../report/sanitize.ts';

/** A finished run, as far as messages report it. */
export interface FinishedRun {
  readonly context: Context;
  readonly result: RunResult | undefined;
  readonly error: DeployError | undefined;
  /** When it ended, in milliseconds since the epoch, and how many it took. */
  readonly at: number;
  readonly took: number;
  /** The services of the app, by label. */
  readonly services: readonly string[];
}

/** The message about a run, as plain data for every channel. */
export interface Message {
  readonly outcome: 'success' | 'failure';
  readonly title: string;
  readonly command: string;
  readonly project: string;
  readonly app: string;
  readonly environment: string | undefined;
  /** The URL of the app. */
  readonly url: string | undefined;
  readonly ref: string;
  readonly commit:
    | {
        readonly id: string;
        readonly short: string;
        readonly subject: string | undefined;
        readonly url: string | undefined;
      }
    | undefined;
  /** Who started the job. */
  readonly author: string | undefined;
  readonly jobUrl: string | undefined;
  readonly pipelineUrl: string | undefined;
  readonly services: readonly string[];
  /** The pages of the app that the merge request changes. */
  readonly pages: readonly PageLink[];
  /** Who can log in at the app, and the CI/CD variable that holds the password. */
  readonly login: LoginHint | undefined;
  /** How long after the last push a review app is removed (`1 week`), and the environment that a merge deploys to. */
  readonly expiry: string | undefined;
  readonly afterMerge: string | undefined;
  /** When it ended, ISO 8601 in UTC. */
  readonly endedAt: string;
  /** Milliseconds, and the same for people. */
  readonly took: number;
  readonly duration: string;
  readonly failure:
    | {
        readonly code: ErrorCode;
        readonly reason: string;
        /** The last lines of the host's output. */
        readonly said: readonly string[];
      }
    | undefined;
}

/**
 * Builds the message about a run, without control characters. The commit's subject and the author are redacted, and the error
 * already is. The names of what the run is about and its URL are not masked.
 */
export function buildMessage(run: FinishedRun, redact: Redact): Message {
  const { context, result, error } = run;
  const message: Message = {
    outcome: error ? 'failure' : 'success',
    title: context.target === 'environment' ? deployTitle(run) : reviewTitle(run),
    command: context.command,
    project: context.project.path,
    app: context.app,
    environment: context.environment,
    url: result?.kind === 'serving' ? result.urls[0] : undefined,
    ref: context.ref,
    commit: buildCommit(run, redact),
    author: context.job.user && redact(context.job.user),
    jobUrl: context.job.url,
    pipelineUrl: context.job.pipelineUrl,
    services: run.services,
    pages: linkPages(context.changedPages, result?.kind === 'serving' ? result.urls[0] : undefined),
    login: context.loginHint,
    expiry: context.job.autoStopIn,
    afterMerge: context.job.afterMerge,
    endedAt: new Date(run.at).toISOString(),
    took: run.took,
    duration: formatDuration(run.took),
    failure: buildFailure(run),
  };
  return mapStrings(message, sanitizeText);
}

function deployTitle({ context: { app, environment, command }, result, error }: FinishedRun): string {
  const where = environment === undefined ? '' : ` ${environment}`;
  const isRollback = command === 'rollback';
  if (error)
    return `${isRollback ? 'Rollback' : 'Deploy'} of ${app}${where && ` ${isRollback ? 'on' : 'to'}${where}`} failed`;
  if (isRollback) return `${app} was rolled back${where && ` on${where}`}`;
  const shipped = result?.kind !== 'serving' || result.shipped;
  return shipped
    ? `${app} is live${where && ` on${where}`}`
    : `${app}${where && ` on${where}`} already runs this commit`;
}

function reviewTitle({ context: { ref, ships }, result, error }: FinishedRun): string {
  const app = `review app of ${ref}`;
  if (error) return ships ? `The ${app} was not deployed` : `The ${app} could not be removed`;
  return result?.kind === 'removed' ? `The ${app} was removed` : `The ${app} is up`;
}

function buildCommit({ context: { source, job }, result }: FinishedRun, redact: Redact): Message['commit'] {
  const deployed = result?.kind === 'serving' ? result.commit : undefined;
  const id = job.merged?.commit ?? deployed ?? source.commit;
  const subject = job.merged ? `merged with ${job.merged.target}` : source.subject;
  if (id === undefined) return undefined;
  const url = job.projectUrl === undefined ? undefined : `${job.projectUrl}/-/commit/${id}`;
  return { id, short: id.slice(0, 8), subject: subject ? redact(subject) : undefined, url };
}

const maxOutputLines = 12;
const maxLineLength = 300;

function buildFailure({ error }: FinishedRun): Message['failure'] {
  if (!error) return undefined;
  return {
    code: error.code,
    reason: shortenLine(error.message),
    said: error.said.slice(-maxOutputLines).map(shortenLine),
  };
}

function shortenLine(line: string): string {
  return sanitizeText(line).slice(0, maxLineLength);
}
