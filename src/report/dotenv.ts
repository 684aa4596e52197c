/** What a later job may want to know of a run. */
export interface DotenvFacts {
  readonly app: string | undefined;
  readonly environment: string | undefined;
  readonly url: string | undefined;
  readonly commit: string | undefined;
  readonly exitCode: number;
}

// A value of several lines, or a blank line, makes GitLab refuse the report and fail the job.
const oneLine = (value: string): string => value.replace(/[\r\n]+/g, ' ').trim();

/**
 * The dotenv report in the form that GitLab takes: `KEY=value` lines without quotes, blank lines or comments
 * (artifacts:reports:dotenv). A failed run has one too.
 */
export const dotenv = ({ app, environment, url, commit, exitCode }: DotenvFacts): string => {
  const entries: readonly (readonly [string, string | undefined])[] = [
    ['DYNAMIC_ENVIRONMENT_URL', url],
    ['DOKKU_APP', app],
    ['DOKKU_APP_ENVIRONMENT', environment],
    ['DOKKU_DEPLOY_COMMIT', commit],
    ['DOKKU_DEPLOY_EXIT_CODE', String(exitCode)],
  ];
  return entries
    .flatMap(([key, value]) =>
      value === undefined || oneLine(value) === '' ? [] : [`${key}=${oneLine(value)}\n`],
    )
    .join('');
};
