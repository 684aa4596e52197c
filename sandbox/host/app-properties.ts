import type { App } from './state.ts';

/** What an app has set, '' where nothing. */
export function ownProperty(app: App, plugin: string, key: string): string {
  return app.properties.get(storedAs(plugin, key)) ?? '';
}

function storedAs(plugin: string, key: string): string {
  return `${plugin}.${key}`;
}

/** Keeps a property; '' drops it. */
export function setProperty(app: App, plugin: string, key: string, value: string): void {
  if (value === '') app.properties.delete(storedAs(plugin, key));
  else app.properties.set(storedAs(plugin, key), value);
}
