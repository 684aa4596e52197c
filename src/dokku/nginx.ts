import type { Command } from './command.ts';

/** Prints the nginx properties of an app (JSON): its own as `client-max-body-size`, those in effect as `computed-…`. */
export function reportNginx(app: string): Command {
  return { words: ['nginx:report', app, '--format', 'json'] };
}

/** Stores a property, or removes it; it takes effect once the configuration is built again. */
export function setNginx(app: string, key: string, value: string | undefined): Command {
  return { words: ['nginx:set', app, key, ...(value === undefined ? [] : [value])] };
}

/** Writes the app's nginx configuration, and reloads nginx. */
export function buildProxyConfig(app: string): Command {
  return { words: ['proxy:build-config', app] };
}
