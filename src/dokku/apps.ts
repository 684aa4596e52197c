import type { Command } from './command.ts';

/** Creates an app. It may exit 1 although it did (another app broke nginx): ask `appExists` afterwards. */
export function createApp(app: string): Command {
  return { words: ['apps:create', app] };
}

/** Removes an app with its containers. It unlinks services but never destroys them. */
export function destroyApp(app: string): Command {
  return { words: ['apps:destroy', app, '--force'] };
}

export function appExists(app: string): Command {
  return { words: ['apps:exists', app] };
}

/** Exits 0 while a deploy of the app is running, 1 otherwise. */
export function appLocked(app: string): Command {
  return { words: ['apps:locked', app] };
}

/** Removes the deploy lock of an app, whoever holds it; refused if there is none. */
export function unlockApp(app: string): Command {
  return { words: ['apps:unlock', app] };
}

/** Builds and releases what the host already has. */
export function rebuildApp(app: string): Command {
  return { words: ['ps:rebuild', app] };
}

/** Cancels an app's running build (Dokku 0.38 and newer). */
export function cancelBuild(app: string): Command {
  return { words: ['builds:cancel', app] };
}

/** Prints the builds of the app, the newest first, as JSON (Dokku 0.38 and newer). */
export function listBuilds(app: string): Command {
  return { words: ['builds:list', app, '--format', 'json'] };
}

/** Prints the builds of the app that are running, as JSON (Dokku 0.38 and newer). */
export function runningBuilds(app: string): Command {
  return { words: ['builds:list', app, '--status', 'running', '--format', 'json'] };
}

/** Prints `true` when the app was ever deployed successfully. */
export function appDeployed(app: string): Command {
  return { words: ['ps:report', app, '--deployed'] };
}

/** Prints `true`, `false` or `mixed`. */
export function appRunning(app: string): Command {
  return { words: ['ps:report', app, '--running'] };
}

/** Prints the app's URLs, one per line. */
export function appUrls(app: string): Command {
  return { words: ['urls', app] };
}

/** Prints a table that names the revision of the last successful deploy. */
export function appReport(app: string): Command {
  return { words: ['apps:report', app] };
}

/** Prints a table that names the branch whose push deploys. */
export function gitReport(app: string): Command {
  return { words: ['git:report', app] };
}

/** Prints the revision that the app's web process was started with; fails without such a process. */
export function runningRevision(app: string): Command {
  return { words: ['enter', app, 'web', 'printenv', 'GIT_REV'] };
}

/** Prints the last lines of each process's log, without colors, times and names. */
export function recentLogs(app: string): Command {
  return { words: ['logs', app, '--num', '30', '--quiet'] };
}

/** Prints the logs of the containers of the last deploy that failed; nothing if none is left. */
export function failedLogs(app: string): Command {
  return { words: ['logs:failed', app] };
}

/** Prints a table of the app's process types and how many of each run. */
export function scaleReport(app: string): Command {
  return { words: ['ps:scale', app] };
}

/** Prints the app's own domains in one line. */
export function domainsReport(app: string): Command {
  return { words: ['domains:report', app, '--domains-app-vhosts'] };
}

/** Prints `true` if the app is in maintenance. The plugin may not be installed. */
export function maintenanceReport(app: string): Command {
  return { words: ['maintenance:report', app, '--maintenance-enabled'] };
}
