import type { App } from './state.ts';

/** What an app has set, '' where nothing. */
export function ownProperty(app: App, plugin: string, key: string): string {
  return app.properties.get(storageKey(plugin, key)) ?? '';
}

function storageKey(plugin: string, key: string): string {
  return `${plugin}.${key}`;
}

/** Keeps a property; '' drops it. */
export function setProperty(app: App, plugin: string, key: string, value: string): void {
  if (value === '') app.properties.delete(storageKey(plugin, key));
  else app.properties.set(storageKey(plugin, key), value);
}
