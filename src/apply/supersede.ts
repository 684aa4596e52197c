import type { DeployRecord } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { supersededError } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { askUrls } from './what-runs.ts';

/** Ends the run without a push: a newer commit is deployed already. Throws `superseded` unless the run accepts that. */
export async function supersede(
  step: ShipStep,
  by: DeployRecord,
  options: DeployOptions,
): Promise<AttemptResult> {
  if (step.superseded === 'fail') throw supersededError(step, by);
  const urls = by.url ? [by.url] : await askUrls(step.app, options);
  const detail = `superseded: another job has deployed ${by.commit.slice(0, 8)}, which is newer; nothing was shipped`;
  return {
    kind: 'deployed',
    deployed: { urls, shipped: false, detail, supersededBy: by.commit, warning: `${step.app}: ${detail}` },
  };
}
