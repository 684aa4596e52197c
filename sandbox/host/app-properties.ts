import type { App } from './state.ts';

/** Returns the value of an app's property, '' if it is not set. */
export function ownProperty(app: App, plugin: string, key: string): string {
  return app.properties.get(storageKey(plugin, key)) ?? '';
}

function storageKey(plugin: string, key: string): string {
  return `${plugin}.${key}`;
}

/** Sets a property; '' removes it. */
export function setProperty(app: App, plugin: string, key: string, value: string): void {
  if (value === '') app.properties.delete(storageKey(plugin, key));
  else app.properties.set(storageKey(plugin, key), value);
}
