import type { Context } from '../context/context.ts';
import type { JobInput } from '../environment/job-input.ts';
import { DeployError } from '../errors.ts';
import type { RunFlags } from './run-flags.ts';

/**
 * Throws `frozen` for a job that GitLab created during a deploy freeze of the project and that would deploy to an environment. A
 * review app is not a deployment in this sense, a dry run changes nothing, and a rollback may be what ends an incident.
 */
export function refuseDuringFreeze(
  { command, environment, app }: Context,
  { dryRun, checkDrift, duringFreeze }: RunFlags,
  { variables }: Pick<JobInput, 'variables'>,
): void {
  const { CI_DEPLOY_FREEZE: freeze } = variables;
  const deploys = command === 'deploy' || command === 'promote';
  if (!deploys || dryRun || checkDrift || duringFreeze || freeze === undefined || freeze === 'false') return;
  throw new DeployError('frozen', {
    message: `Nothing was deployed to ${environment ?? app}: the project is in a deploy freeze (GitLab set CI_DEPLOY_FREEZE).`,
    remedy:
      'Run the job again after the freeze (Settings > CI/CD > Deploy freezes shows when), or add --during-freeze.',
  });
}
