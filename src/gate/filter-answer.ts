import { matchesGlob } from '../context/glob.ts';
import { readAppList } from '../dokku/reports.ts';
import type { Grants } from './grants.ts';
import type { Rule } from './rule.ts';

/** Returns what a job may see of an answer about the whole host: its own apps, or the networks and storage entries that the policy lists. */
export function filterAnswer(shows: Rule['shows'], answer: string, { apps }: Grants): string {
  const settings = [...apps.values()].map((grant) => grant.settings);
  switch (shows) {
    case undefined:
      return answer;
    case 'nothing':
      return '';
    case 'apps':
      return readAppList(answer)
        .filter((name) => apps.has(name))
        .map((name) => `${name}\n`)
        .join('');
    case 'networks':
      return filterList(
        answer,
        'Name',
        settings.flatMap(({ networks }) => networks),
      );
    case 'entries':
      return filterList(
        answer,
        'name',
        settings.flatMap(({ storage }) => storage),
      );
  }
}

/** Keeps the objects of a JSON list whose name matches a pattern. Anything else shows nothing. */
function filterList(answer: string, key: string, patterns: readonly string[]): string {
  const named = parseList(answer).filter((item) => {
    const name: unknown = typeof item === 'object' && item !== null ? Reflect.get(item, key) : undefined;
    return typeof name === 'string' && patterns.some((pattern) => matchesGlob(pattern, name));
  });
  return `${JSON.stringify(named)}\n`;
}

function parseList(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
