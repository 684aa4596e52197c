import { sanitizeText } from './sanitize.ts';

/** What a later job may need to know about a run. */
export interface DotenvValues {
  readonly app: string | undefined;
  readonly environment: string | undefined;
  readonly url: string | undefined;
  readonly commit: string | undefined;
  readonly exitCode: number;
}

/**
 * Formats the dotenv report as GitLab accepts it: `KEY=value` lines without quotes, empty lines or comments
 * (artifacts:reports:dotenv). A failed run has a report too. GitLab turns it into variables of the pipeline's later jobs:
 * it must not set any variable that this tool reads, or production would get the app of staging.
 */
export function formatDotenv({ app, environment, url, commit, exitCode }: DotenvValues): string {
  const entries: readonly (readonly [string, string | undefined])[] = [
    ['DYNAMIC_ENVIRONMENT_URL', url],
    ['DOKKU_DEPLOY_APP', app],
    ['DOKKU_DEPLOY_ENVIRONMENT', environment],
    ['DOKKU_DEPLOY_COMMIT', commit],
    ['DOKKU_DEPLOY_EXIT_CODE', String(exitCode)],
  ];
  return entries
    .flatMap(([key, value]) =>
      value === undefined || toOneLine(value) === '' ? [] : [`${key}=${toOneLine(value)}\n`],
    )
    .join('');
}

/** Whether a text is a dotenv report that this tool wrote. */
export function isDotenvReport(text: string): boolean {
  return text
    .split('\n')
    .every((line) => line === '' || /^(DYNAMIC_ENVIRONMENT_URL|DOKKU_DEPLOY_[A-Z_]+)=/.test(line));
}

// A line break or an empty line makes GitLab reject the report and fail the job.
function toOneLine(value: string): string {
  return sanitizeText(value.replace(/\s+/g, ' ')).trim();
}
