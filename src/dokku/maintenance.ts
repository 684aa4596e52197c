import type { Command } from './command.ts';

/** Prints whether an app is in maintenance (JSON: `enabled`). */
export function reportMaintenance(app: string): Command {
  return { words: ['maintenance:report', app, '--format', 'json'] };
}

/** Serves a page with status 503 instead of the app, or the app again. Does nothing if it is already so. */
export function switchMaintenance(app: string, isOn: boolean): Command {
  return { words: [isOn ? 'maintenance:enable' : 'maintenance:disable', app] };
}
