import type { App } from './state.ts';

// Dokku's deploy lock (`acquire_advisory_lock` of plugins/common) is a file that the deploy keeps locked, and that contains
// the id of its build. `apps:locked`, `apps:lock` and `apps:unlock` only look at the file; `builds:cancel` trusts its content.

/**
 * Takes the lock of an app for a build. Returns whether the build got it. Opening the file empties it, so a refused
 * attempt hides which build holds the lock.
 */
export function acquireLock(app: App, buildId: string, controller: AbortController): boolean {
  app.lockFile = '';
  if (app.deployController) return false;
  app.lockFile = buildId;
  app.deployController = controller;
  return true;
}

/** Releases the lock and removes its file, even if the file is a later one that someone created after `apps:unlock`. */
export function releaseLock(app: App, controller: AbortController): void {
  app.lockFile = undefined;
  if (app.deployController === controller) app.deployController = undefined;
}

/** Removes the file. A deploy that runs continues, but no longer keeps others out. */
export function removeLock(app: App): void {
  app.lockFile = undefined;
  app.deployController = undefined;
}

/** Returns whether the lock file exists. */
export function isLocked(app: App): boolean {
  return app.lockFile !== undefined || app.deployController !== undefined;
}
