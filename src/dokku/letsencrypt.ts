import type { Command } from './command.ts';

/** Prints the plugin's settings for an app, and whether its certificate is one that the plugin got (`active`), as JSON. */
export function reportLetsencrypt(app: string): Command {
  return { words: ['letsencrypt:report', app, '--format', 'json'] };
}

/** Prints the plugin's settings for all apps of the host (JSON). */
export const reportGlobalLetsencrypt: Command = {
  words: ['letsencrypt:report', '--global', '--format', 'json'],
};

/** Stores a setting of the plugin for an app; without a value, the host's setting applies again. */
export function setLetsencrypt(app: string, key: 'email' | 'server', value: string | undefined): Command {
  return { words: ['letsencrypt:set', app, key, ...(value === undefined ? [] : [value])] };
}

/** Requests a certificate for the app's domains, unless it has one for them that is valid for some time. */
export function enableLetsencrypt(app: string): Command {
  return { words: ['letsencrypt:enable', app] };
}

/** Removes the app's certificate, whoever issued it: only for an app whose certificate is the plugin's (facts-2, F41). */
export function disableLetsencrypt(app: string): Command {
  return { words: ['letsencrypt:disable', app] };
}
