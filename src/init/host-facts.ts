import { listApps } from '../dokku/app-settings.ts';
import type { Answer, Command } from '../dokku/command.ts';
import type { Answers } from './answers.ts';

/** Prints the plugins of a host, one per line, with their versions. */
export const listPlugins: Command = { words: ['plugin:list'] };

/** What is asked of a host that may be looked at. */
export const hostQuestions: readonly Command[] = [listPlugins, listApps()];

/** Compares a host with what the project needs. Returns remarks, one sentence each. `answers` are those to `hostQuestions`. */
export function describeHost(
  answers: readonly Answer[],
  project: string,
  { services }: Pick<Answers, 'services'>,
): string[] {
  const [plugins = '', apps = ''] = answers.map((answer) =>
    answer.kind === 'answered' ? answer.stdout : '',
  );
  const installed = new Set([...plugins.matchAll(/^\s+([a-z0-9-]+)\s/gm)].map(([, name]) => name));
  const missing = services.filter(({ type }) => installed.size > 0 && !installed.has(type));
  const similar = apps.split('\n').filter((name) => name === project || name.startsWith(`${project}-`));
  return [
    ...missing.map(
      ({ type }) =>
        `The host lacks the plugin ${type}. On the host: sudo dokku plugin:install https://github.com/dokku/dokku-${type}.git`,
    ),
    ...similar.map(
      (name) => `The host has an app ${name}. To start from what it has: dokku-deploy import ${name}`,
    ),
  ];
}
