import type { RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { supersede } from './supersede.ts';
import { askUrls } from './what-runs.ts';

/**
 * Ends a step that goes back from what ran when it was planned, because another job has deployed since. If that job went back to one
 * of the app's releases, there is nothing to do; if it has not recorded that, because it was killed, a new plan does. Anything else
 * supersedes the step.
 *
 * Throws `superseded` unless the run accepts that, and what `ask` throws.
 */
export async function giveWay(
  step: ShipStep,
  { revision, record }: RunningVersion,
  options: DeployOptions,
): Promise<AttemptResult> {
  const { app, releases = [] } = step;
  const isRelease = revision !== undefined && releases.includes(revision);
  if (!isRelease) return supersede(step, record ?? unknownRecord(revision), options);
  if (record === undefined) return needsPlan;
  const urls = record.url ? [record.url] : await askUrls(app, options);
  const detail = `another job has rolled ${app} back to ${record.commit.slice(0, 8)} in the meantime: nothing was built`;
  return {
    kind: 'deployed',
    deployed: { urls, shipped: false, detail, supersededBy: record.commit, warning: detail },
  };
}

const needsPlan: AttemptResult = {
  kind: 'deployed',
  deployed: { urls: [], shipped: false, detail: '', needsPlan: true },
};

function unknownRecord(revision: string | undefined) {
  return { commit: revision ?? 'unknown', committedAt: undefined, revision, url: undefined };
}
