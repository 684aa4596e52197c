import { recordWrite } from '../plan/deploy-record.ts';
import type { RecordStep } from '../plan/plan.ts';
import type { HostAccess } from './ask.ts';
import type { DeployResult } from './deploy-types.ts';
import { performConfigure, type StepResult } from './steps.ts';

/** Records on the app what was deployed. Throws `host-refused` and what `ask` throws. */
export async function performRecord(
  { app }: RecordStep,
  { record }: DeployResult,
  hostAccess: HostAccess,
): Promise<StepResult> {
  if (record === undefined) return { outcome: 'skipped', detail: 'already recorded' };
  return performConfigure(recordWrite(app, record), hostAccess);
}
