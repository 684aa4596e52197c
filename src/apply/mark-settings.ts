import { configWrite } from '../plan/config-write.ts';
import { settingsKey, urlKey } from '../plan/keys.ts';
import type { MarkSettingsStep } from '../plan/plan.ts';
import type { HostAccess } from './ask.ts';
import type { DeployResult } from './deploy-types.ts';
import { performConfigure, type StepResult } from './steps.ts';

/**
 * Records that the settings of an app are applied, and the URL that it was deployed under, which they may have changed since it was
 * recorded. Throws `host-refused` and what `ask` throws.
 */
export async function performMarkSettings(
  { app, value }: MarkSettingsStep,
  deployed: DeployResult | undefined,
  hostAccess: HostAccess,
): Promise<StepResult> {
  if (deployed?.supersededBy !== undefined) return { outcome: 'skipped', detail: 'superseded' };
  const [url] = deployed?.urls ?? [];
  const values = { [settingsKey]: value, ...(url === undefined ? {} : { [urlKey]: url }) };
  return performConfigure(configWrite(app, values), hostAccess);
}
