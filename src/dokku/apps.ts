import type { Command } from './command.ts';

/** Creates an app. It may exit 1 and have done it (nginx of another app was broken): ask `appExists` afterwards. */
export function createApp(app: string): Command {
  return { words: ['apps:create', app] };
}

/** Removes an app with its containers. It unlinks services and never destroys them. */
export function destroyApp(app: string): Command {
  return { words: ['apps:destroy', app, '--force'] };
}

export function appExists(app: string): Command {
  return { words: ['apps:exists', app] };
}

/** Exits 0 while a deploy of the app is under way, 1 when there is none. */
export function appLocked(app: string): Command {
  return { words: ['apps:locked', app] };
}

/** Builds and releases what the host already has. */
export function rebuildApp(app: string): Command {
  return { words: ['ps:rebuild', app] };
}

/** Ends the build that runs for an app (Dokku 0.38 and newer). */
export function cancelBuild(app: string): Command {
  return { words: ['builds:cancel', app] };
}

/** Prints `true` when the app was ever deployed with success. */
export function appDeployed(app: string): Command {
  return { words: ['ps:report', app, '--deployed'] };
}

/** Prints `true`, `false` or `mixed`. */
export function appRunning(app: string): Command {
  return { words: ['ps:report', app, '--running'] };
}

/** Prints the URLs under which the app is served, one a line. */
export function appUrls(app: string): Command {
  return { words: ['urls', app] };
}

/** Prints a table that names the branch whose push deploys. */
export function gitReport(app: string): Command {
  return { words: ['git:report', app] };
}
