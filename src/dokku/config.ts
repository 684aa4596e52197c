import type { Command, Value } from './command.ts';

/** Prints an app's own configuration as JSON; exits 20 when there is no such app. */
export function exportConfig(app: string): Command {
  return { words: ['config:export', '--format', 'json', app] };
}

/**
 * Writes configuration from standard input, so that no value is on the host's process list, and prints none of them.
 * `--no-restart`: on a deployed app the write would else be a whole release.
 */
export function importConfig(app: string, values: Readonly<Record<string, Value>>): Command {
  return {
    words: ['config:import', '--format', 'json', '--no-restart', app, '-'],
    quiet: true,
    stdin: values,
  };
}

/** The same for a host without `config:import`: values go as base64 words. */
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
