import type { Plan } from '../plan/plan.ts';
import { withCommit } from './find-commit.ts';
import { type Planner, type RunContext, reportWarnings } from './run-context.ts';

/** Applies the plan that this planner makes. */
type Apply = (run: RunContext, planner: Planner) => Promise<unknown>;

/**
 * Sets the app up, then runs the job's hook before the deploy. Returns the run with the commit to deploy; the same run if the job
 * has no such hook.
 *
 * Throws what `World.beforeDeploy` and `withCommit` throw, and what goes wrong on the host.
 */
export async function runBeforeDeploy(run: RunContext, planner: Planner, apply: Apply): Promise<RunContext> {
  const { world, context, reporter, host } = run;
  if (world.beforeDeploy === undefined || !context.ships) return run;
  let rebuild = context.rebuild;
  await apply(run, (planned, hostState) => {
    const plan = planner(planned, hostState);
    rebuild ||= plan.steps.some((step) => step.kind === 'ship' && step.rebuild);
    return withoutDeploy(plan);
  });
  const commit = await world.beforeDeploy();
  // The first plan's notes have been logged already.
  const rest = { ...context, rebuild, notes: [], warnings: [] };
  if (commit === undefined) return { ...run, context: rest };
  const found = await withCommit({ ...rest, source: { ...rest.source, commit } }, world);
  reporter.setContext({ context: found, host });
  reportWarnings({ ...run, context: found });
  return { ...run, context: found };
}

/** Returns the steps before the deploy. Those after it need the new version, so they are in the second plan. */
function withoutDeploy(plan: Plan): Plan {
  const deploy = plan.steps.findIndex(({ kind }) => kind === 'ship');
  return deploy === -1 ? plan : { ...plan, steps: plan.steps.slice(0, deploy) };
}
