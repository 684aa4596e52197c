import type { RunResult } from '../apply/events.ts';
import { targets } from '../context/target.ts';
import { DeployError } from '../errors.ts';
import { planGoBack } from '../plan/go-back.ts';
import type { Planner, RunContext } from './run-context.ts';

/**
 * Rolls an environment back to the previous release if its new version does not answer and the configuration asks for that. Returns
 * the error to report: the error of the deploy, and how the rollback ended.
 */
export async function goBackAfter(
  error: unknown,
  run: RunContext,
  rollBack: (run: RunContext, planner: Planner) => Promise<RunResult>,
): Promise<unknown> {
  const { context, world } = run;
  if (!(error instanceof DeployError) || error.code !== 'not-serving') return error;
  if (!context.goesBack || world.stop.aborted) return error;
  try {
    const { configures, ships } = targets.rollback;
    const back = { command: 'rollback', configures, ships, release: undefined, rebuild: false } as const;
    const result = await rollBack(
      { ...run, context: { ...context, ...back, promotion: undefined, notes: [], goesBack: false } },
      announcing(error, run),
    );
    const commit = result.kind === 'serving' ? result.commit?.slice(0, 8) : undefined;
    return withOutcome(error, `It was rolled back to ${commit}, which runs now.`);
  } catch (failure) {
    if (!(failure instanceof DeployError) || world.stop.aborted) throw failure;
    return withOutcome(error, describeFailure(failure));
  }
}

/** Returns the planner of the rollback, which announces it once there is a release to go back to. */
function announcing({ message }: DeployError, { reporter }: RunContext): Planner {
  let isAnnounced = false;
  return (context, hostState) => {
    const plan = planGoBack(context, hostState);
    if (!isAnnounced)
      reporter.warn(context.app, `${message} Rolling back to the previous release (rollback: true)`);
    isAnnounced = true;
    return plan;
  };
}

/** The previous release may not answer either; it is running anyway. */
function describeFailure({ code, message }: DeployError): string {
  return code === 'not-serving'
    ? `It was rolled back, but the previous release does not answer as probe requires either: ${message}`
    : `It was not rolled back: ${message}`;
}

function withOutcome({ code, message, remedy, said, cause }: DeployError, outcome: string): DeployError {
  return new DeployError(code, { message: `${message} ${outcome}`, remedy, said, cause });
}
