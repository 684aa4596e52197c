/** What a later job may want to know of a run. */
export interface DotenvValues {
  readonly app: string | undefined;
  readonly environment: string | undefined;
  readonly url: string | undefined;
  readonly commit: string | undefined;
  readonly exitCode: number;
}

/**
 * The dotenv report in the form that GitLab takes: `KEY=value` lines without quotes, blank lines or comments
 * (artifacts:reports:dotenv). A failed run has one too. GitLab hands the report on to the later jobs of the pipeline as variables:
 * none of its names is one that this tool reads, or production would take the app of staging.
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

// A value of several lines, or a blank line, makes GitLab refuse the report and fail the job.
function toOneLine(value: string): string {
  return value.replace(/[\r\n]+/g, ' ').trim();
}
