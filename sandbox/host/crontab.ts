import { ownProperty } from './app-properties.ts';
import type { SandboxState } from './state.ts';

/**
 * Writes the host's schedule anew, like `writeCronTab` of Dokku's cron plugin: the tasks of all apps, and the renewal of
 * certificates. Without a task it is removed. Returns the line that Dokku prints, if any.
 */
export function writeCrontab(state: SandboxState): string | undefined {
  const hasTasks =
    ownProperty(state.global, 'letsencrypt', 'cron-job') === 'true' ||
    [...state.apps.values()].some(({ settings }) => (settings?.manifest.cron ?? []).length > 0);
  const existed = state.hasCrontab;
  state.hasCrontab = hasTasks;
  if (hasTasks) return '-----> Updated schedule file';
  return existed ? '-----> Removed' : undefined;
}
