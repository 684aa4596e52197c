import type { Command, Value } from './command.ts';

/** Prints an app's own configuration as JSON; exits 20 when the app does not exist. */
export function exportConfig(app: string): Command {
  return { words: ['config:export', '--format', 'json', app] };
}

/**
 * Writes configuration from standard input, so that no value shows up in the host's process list, and prints none of
 * them. `--no-restart`: on a deployed app the write would otherwise trigger a whole release.
 */
export function importConfig(app: string, values: Readonly<Record<string, Value>>): Command {
  return {
    words: ['config:import', '--format', 'json', '--no-restart', app, '-'],
    quiet: true,
    stdin: values,
  };
}

/** The same write for a host without `config:import`: the values are sent as base64 words. */
export function setConfig(app: string, values: Readonly<Record<string, Value>>): Command {
  return {
    words: [
      'config:set',
      '--no-restart',
      '--encoded',
      app,
      ...Object.entries(values).map(([key, value]) => ({ pairs: { [key]: value }, base64: true }) as const),
    ],
    quiet: true,
  };
}

/** Removes keys from an app's configuration; those that are not set are skipped. */
export function unsetConfig(app: string, keys: readonly string[]): Command {
  return { words: ['config:unset', '--no-restart', app, ...keys] };
}
