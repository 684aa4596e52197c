import { ownProperty, setProperty } from './app-properties.ts';
import type { App } from './state.ts';

/**
 * Returns whether an app is deployed, and remembers the answer as Dokku's `IsDeployed` does. A remembered "false" is only
 * corrected at the end of the first deploy.
 */
export function isDeployed(app: App): boolean {
  if (!isKnown(app)) setProperty(app, 'common', 'deployed', String(app.deployed));
  return app.deployed;
}

function isKnown(app: App): boolean {
  return ownProperty(app, 'common', 'deployed') !== '';
}

/** Returns whether Dokku would take an app for undeployed that has just been started for the first time. */
export function isTakenForUndeployed(app: App): boolean {
  return ownProperty(app, 'common', 'deployed') === 'false';
}

/** Remembers that an app is deployed. */
export function rememberDeployed(app: App): void {
  setProperty(app, 'common', 'deployed', 'true');
}
