import type { RunResult } from '../apply/events.ts';
import { DeployError } from '../errors.ts';
import type { RunContext } from './run-context.ts';

/**
 * Takes an environment back to the release before if its new version does not answer and the configuration asks for that. Returns
 * the error to report: that of the deploy, and what became of the way back.
 */
export async function goBackAfter(
  error: unknown,
  run: RunContext,
  rollBack: (run: RunContext) => Promise<RunResult>,
): Promise<unknown> {
  const { context, reporter, world } = run;
  if (!(error instanceof DeployError) || error.code !== 'not-serving') return error;
  if (!context.goesBack || world.stop.aborted) return error;
  reporter.warn(context.app, `${error.message} It is taken back to the release before (rollback: true)`);
  try {
    const back = { command: 'rollback', ships: false, release: undefined, rebuild: false } as const;
    const result = await rollBack({
      ...run,
      context: { ...context, ...back, promotion: undefined, notes: [], goesBack: false },
    });
    const commit = result.kind === 'serving' ? result.commit?.slice(0, 8) : undefined;
    return withOutcome(error, `It was taken back to ${commit}, which runs now.`);
  } catch (failure) {
    if (!(failure instanceof DeployError) || world.stop.aborted) throw failure;
    return withOutcome(error, describeFailure(failure));
  }
}

/** The release before may not answer either: it runs nevertheless. */
function describeFailure({ code, message }: DeployError): string {
  return code === 'not-serving'
    ? `It was taken back, but the release before does not answer as probe asks either: ${message}`
    : `It was not taken back: ${message}`;
}

function withOutcome({ code, message, remedy, said, cause }: DeployError, outcome: string): DeployError {
  return new DeployError(code, { message: `${message} ${outcome}`, remedy, said, cause });
}
