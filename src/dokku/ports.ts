import { listPorts, noPorts } from './app-settings.ts';
import type { Answer, Command } from './command.ts';
import { refusedError } from './refusal-errors.ts';

/** Stores the whole list of an app's port mappings (`http:80:5000`); none lets Dokku detect them. */
export function setPorts(app: string, maps: readonly string[]): Command {
  return { words: maps.length === 0 ? ['ports:clear', app] : ['ports:set', app, ...maps] };
}

/** Reads the answer of `listPorts`, which takes a tenth of the time of `ports:report`. Throws `host-refused` for another refusal. */
export function readPorts(answer: Answer, app: string): string[] {
  if (answer.kind === 'answered') {
    const rows = answer.stdout.matchAll(/^\s*([a-z]+)\s+(\d+)\s+(\d+)\s*$/gm);
    return [...rows].map(([, ...map]) => map.join(':'));
  }
  if (noPorts.test(answer.stderr)) return [];
  throw refusedError(listPorts(app), answer);
}
