import type { Context } from '../context/context.ts';
import type { HostState } from './host-state.ts';
import type { Plan, Step } from './plan.ts';
import { planReviewStart } from './review-start.ts';

/**
 * Returns the plan of `review prepare`: what `review start` does before it deploys. An app that was deployed, or is being deployed,
 * is left as it is: `review start` would find nothing to change, and not build an app whose configuration is new.
 *
 * Throws what `planReviewStart` throws.
 */
export function planReviewPrepare(context: Context, hostState: HostState): Plan {
  const plan = planReviewStart(context, hostState);
  const isInUse = hostState.revision !== undefined || hostState.isBuilding === true;
  return isInUse
    ? { ...plan, steps: [], notes: [...plan.notes, `${context.app} is deployed: review start updates it`] }
    : { ...plan, steps: stepsBeforeDeploy(plan.steps) };
}

/** Leaves out the deploy, and every step that waits for it. */
function stepsBeforeDeploy(steps: readonly Step[]): Step[] {
  const left = new Set<string>();
  return steps.filter(({ id, kind, needs }) => {
    const waits = kind === 'ship' || needs.some((need) => left.has(need));
    if (waits) left.add(id);
    return !waits;
  });
}
