import { goJson } from '../host/report.ts';
import { quoteShell } from '../host/split-command.ts';
import type { App } from '../host/state.ts';

/** The writers of `config:export` by format name. */
export const formats: Readonly<
  Record<string, (entries: readonly (readonly [string, string])[], app: App) => string>
> = {
  exports: (entries) => entries.map(([key, value]) => `export ${key}=${quoteShell(value)}\n`).join(''),
  envfile: (_, app) => app.envFile,
  'docker-args': (entries) =>
    `${entries.map(([key, value]) => `--env=${key}=${quoteShell(value)}`).join(' ')}\n`,
  'docker-args-keys': (entries) => `${entries.map(([key]) => `--env=${key}`).join(' ')}\n`,
  shell: (entries) => entries.map(([key, value]) => `${key}=${quoteShell(value)} `).join(''),
  json: (entries) => `${goJson(Object.fromEntries(entries))}\n`,
  'json-list': (entries) => `${goJson(entries.map(([name, value]) => ({ name, value })))}\n`,
  pretty,
};

/** Formats keys and values in two columns, as `config:show` prints them. */
export function pretty(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...entries.map(([key]) => key.length)) + 3;
  return entries.map(([key, value]) => `${`${key}:`.padEnd(width)}${value}\n`).join('');
}
