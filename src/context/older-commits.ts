import type { Variables } from '../environment/variables.ts';
import type { Problem } from '../problems.ts';
import type { Flags } from './flags.ts';
import type { CommandName } from './target.ts';

interface OlderCommitInput {
  readonly command: CommandName;
  readonly flags: Flags;
  readonly variables: Variables;
}

/**
 * Returns whether the job may deploy a commit that is older than the running one. Adds a problem for a value of
 * DOKKU_DEPLOY_ALLOW_OLDER that is neither true nor false.
 */
export function resolveAllowOlder(
  { command, flags, variables }: OlderCommitInput,
  problems: Problem[],
): boolean {
  // What runs in another environment has nothing to do with the job's commit, so GitLab cannot know whether it is outdated.
  const namesCommit = command !== 'promote' || flags.commit !== undefined;
  const isMeant = namesCommit && isEnvironmentJob(variables);
  return flags.allowOlder === true || readVariable(variables, problems) || isMeant;
}

function readVariable({ DOKKU_DEPLOY_ALLOW_OLDER: text = 'false' }: Variables, problems: Problem[]): boolean {
  const value = text.trim().toLowerCase();
  if (['true', '1', 'yes'].includes(value)) return true;
  if (!['false', '0', 'no'].includes(value)) {
    problems.push({
      where: 'DOKKU_DEPLOY_ALLOW_OLDER',
      message: `${JSON.stringify(text)} is neither true nor false`,
      remedy: 'Use true to allow a rollback, or remove the variable.',
    });
  }
  return false;
}

/**
 * In a job with `environment:`, GitLab itself skips outdated deployment jobs (a setting that is on by default) and runs
 * those of its Rollback button, so an older commit is meant.
 */
function isEnvironmentJob({ GITLAB_CI, CI_ENVIRONMENT_NAME }: Variables): boolean {
  return GITLAB_CI !== undefined && CI_ENVIRONMENT_NAME !== undefined;
}
