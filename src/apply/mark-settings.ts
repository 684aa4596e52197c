import { configWrite } from '../plan/config-write.ts';
import { settingsKey, urlKey } from '../plan/keys.ts';
import type { MarkSettingsStep } from '../plan/plan.ts';
import { reconcileMarks } from '../plan/setting-marks.ts';
import { formatSettingsMark, parseSettingsMark } from '../settings/mark.ts';
import type { HostAccess } from './ask.ts';
import type { DeployResult } from './deploy-types.ts';
import { performConfigure, type StepResult } from './steps.ts';
import { askConfig } from './what-runs.ts';

/**
 * Records that the settings of an app are applied, except for those that another job has changed in the meantime. Also records the
 * app's URL, which the settings may have changed since the deploy was recorded. Throws `host-refused` and what `ask` throws.
 */
export async function performMarkSettings(
  { app, value, pending }: MarkSettingsStep,
  deployed: DeployResult | undefined,
  hostAccess: HostAccess,
): Promise<StepResult> {
  if (deployed?.supersededBy !== undefined) return { outcome: 'skipped', detail: 'superseded' };
  const [url] = deployed?.urls ?? [];
  const config = await askConfig(app, hostAccess);
  const found = config === undefined ? pending : (config.get(settingsKey) ?? '');
  const mark = found === pending ? value : reconcile(value, pending, found);
  const values = { [settingsKey]: mark, ...(url === undefined ? {} : { [urlKey]: url }) };
  const result = await performConfigure(configWrite(app, values), hostAccess);
  return mark === value
    ? result
    : { ...result, detail: 'another job changes them, too: the next run looks again' };
}

function reconcile(value: string, pending: string, found: string): string {
  const marks = { pending: parseSettingsMark(pending), found: parseSettingsMark(found) };
  return formatSettingsMark(reconcileMarks(parseSettingsMark(value), marks));
}
