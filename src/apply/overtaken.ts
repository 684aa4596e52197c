import { readDeployOutput } from '../dokku/deploy-output.ts';
import type { DeployRecord } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { compareCommits } from '../source/ancestry.ts';
import type { PushedResult } from '../source/ship-types.ts';
import type { BuildWatcher } from './cancel-build.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { rebuildOnHost } from './rebuild.ts';
import { supersede } from './supersede.ts';
import { askBranchVersion, waitForRecord } from './what-runs.ts';

interface RestoreOptions {
  readonly options: DeployOptions;
  readonly build: BuildWatcher;
}

/**
 * If another job deployed a newer commit while this one was being sent, this push has just replaced it. Then the host builds its
 * deploy branch again, which has the newer commit, and this run ends as superseded. Returns undefined if there is nothing
 * to restore.
 *
 * Throws `superseded`, the error of a deploy that failed, and what `ask` and `compareCommits` throw.
 */
export async function restoreNewer(
  step: ShipStep,
  push: PushedResult,
  { options, build }: RestoreOptions,
): Promise<AttemptResult | undefined> {
  const by = isOvertaken(push) ? await findOvertaker(step, options) : undefined;
  if (by?.revision === undefined) return undefined;
  options.warn(
    `another job deployed ${by.commit.slice(0, 8)} to ${step.app} while this one was being sent; it is newer, so the host builds it again`,
  );
  const rebuilt = await rebuildOnHost(step, {
    options,
    build,
    commit: { commit: by.commit, revision: by.revision },
    seen: { attempted: push.revision },
    reason: 'it is newer',
  });
  return rebuilt.kind === 'deployed' ? supersede(step, by, options) : rebuilt;
}

/** Whether another push moved the branch while this one was deployed: git checks that only afterwards. */
function isOvertaken({ accepted, reason, lines }: PushedResult): boolean {
  return !accepted && reason === 'failed to update ref' && readDeployOutput(lines).deployed;
}

/** Returns the commit that the branch holds, if it is recorded and newer than this job's. */
async function findOvertaker({ app }: ShipStep, options: DeployOptions): Promise<DeployRecord | undefined> {
  const { record } = await waitForRecord(options, () => askBranchVersion(app, options));
  if (record === undefined) return undefined;
  const { commit: id, committedAt } = record;
  const order = await compareCommits(options.source, { id, committedAt }, options.childEnv);
  return order === 'older' ? record : undefined;
}
