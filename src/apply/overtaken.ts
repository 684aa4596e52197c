import type { DeployRecord } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { compareCommits } from '../source/ancestry.ts';
import type { DeployOptions } from './deploy-types.ts';
import { askBranchVersion, waitForRecord } from './what-runs.ts';

/**
 * After a push that was deployed although another push had moved the branch: returns the other commit if it is newer than
 * this job's, which has just undone it. Undefined if it is not, or if the other push left no record.
 *
 * Throws what `ask` and `compareCommits` throw, and the stop's error.
 */
export async function findOvertaker(
  { app }: ShipStep,
  options: DeployOptions,
): Promise<DeployRecord | undefined> {
  const { record } = await waitForRecord(options, () => askBranchVersion(app, options));
  if (record?.revision === undefined) return undefined;
  const { commit: id, committedAt } = record;
  const order = await compareCommits(options.source, { id, committedAt }, options.childEnv);
  return order === 'older' ? record : undefined;
}
