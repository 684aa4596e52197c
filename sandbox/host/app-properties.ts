import type { App } from './state.ts';

const storedAs = (plugin: string, key: string): string => `${plugin}.${key}`;

/** What an app has set, '' where nothing. */
export const ownProperty = (app: App, plugin: string, key: string): string =>
  app.properties.get(storedAs(plugin, key)) ?? '';

/** Keeps a property; '' drops it. */
export const setProperty = (app: App, plugin: string, key: string, value: string): void => {
  if (value === '') app.properties.delete(storedAs(plugin, key));
  else app.properties.set(storedAs(plugin, key), value);
};
