import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { readReleases } from './deploy-record.ts';
import type { HostState } from './host-state.ts';
import type { Plan, Step } from './plan.ts';
import { planRollback } from './rollback.ts';

/**
 * Returns the plan that rolls an app back to the previous release, after this job's deploy turned out not to answer: the plan of
 * `rollback`, with ids of its own.
 *
 * Throws `release-not-found` if there is none, or if the job has deployed nothing, and what `planRollback` throws.
 */
export function planGoBack(context: Context, hostState: HostState): Plan {
  const { app } = hostState;
  const [newest] = typeof app === 'object' ? readReleases(context.app, app.config) : [];
  if (newest?.outcome !== 'not-serving') {
    throw new DeployError('release-not-found', {
      message: `This job did not deploy the version that runs in ${context.app}.`,
    });
  }
  const plan = planRollback(context, hostState);
  return { ...plan, steps: plan.steps.map(renameStep) };
}

/** A step's id names its section of the log, and the deploy has one too. */
function renameStep(step: Step): Step {
  return { ...step, id: rename(step.id), needs: step.needs.map(rename) };
}

function rename(id: string): string {
  return `back-${id}`;
}
