import type { Command } from './command.ts';

/** Creates an app. It may exit 1 and have done it (nginx of another app was broken): ask `appExists` afterwards. */
export const createApp = (app: string): Command => ({ words: ['apps:create', app] });

/** Removes an app with its containers. It unlinks services and never destroys them. */
export const destroyApp = (app: string): Command => ({ words: ['apps:destroy', app, '--force'] });

export const appExists = (app: string): Command => ({ words: ['apps:exists', app] });

/** Exits 0 while a deploy of the app is under way, 1 when there is none. */
export const appLocked = (app: string): Command => ({ words: ['apps:locked', app] });

/** Builds and releases what the host already has. */
export const rebuildApp = (app: string): Command => ({ words: ['ps:rebuild', app] });

/** Ends the build that runs for an app (Dokku 0.38 and newer). */
export const cancelBuild = (app: string): Command => ({ words: ['builds:cancel', app] });

/** Prints `true` when the app was ever deployed with success. */
export const appDeployed = (app: string): Command => ({ words: ['ps:report', app, '--deployed'] });

/** Prints `true`, `false` or `mixed`. */
export const appRunning = (app: string): Command => ({ words: ['ps:report', app, '--running'] });

/** Prints the URLs under which the app is served, one a line. */
export const appUrls = (app: string): Command => ({ words: ['urls', app] });

/** Prints a table that names the branch whose push deploys. */
export const gitReport = (app: string): Command => ({ words: ['git:report', app] });
