import type { TextFile } from '../environment/job-input.ts';
import { readYaml } from './yaml-document.ts';

/** Which page of the app shows a file, from GitLab's route map. */
export interface Route {
  /** The source of a regular expression for the whole path of the file. */
  readonly pattern: string;
  readonly flags: string;
  /** The path of the page, in which `\1` stands for the first group. */
  readonly page: string;
}

/** The path of GitLab's own file. */
export const routeMapPath = '.gitlab/route-map.yml';

/** GitLab has no limit. */
export const maxRoutes = 200;

/**
 * Reads `.gitlab/route-map.yml` as GitLab does: a list of `source` (a path, or a regular expression between slashes) and `public`.
 * Returns the reason if the file is not such a list.
 */
export function parseRouteMap(
  file: TextFile,
): { readonly routes: readonly Route[] } | { readonly reason: string } {
  const read = readYaml(file);
  if ('problems' in read) return { reason: read.problems[0]?.message ?? 'not valid YAML' };
  if (!Array.isArray(read.value)) return { reason: 'it is not a list of source and public' };
  if (read.value.length > maxRoutes) return { reason: `it has more than ${maxRoutes} entries` };
  const routes: Route[] = [];
  for (const [index, entry] of read.value.entries()) {
    const route = toRoute(entry);
    if (typeof route === 'string') return { reason: `entry ${index + 1}: ${route}` };
    routes.push(route);
  }
  return { routes };
}

/** Returns the reason for an entry that is not a route. */
function toRoute(entry: unknown): Route | string {
  const { source, public: page } = Object(entry) as { readonly source?: unknown; readonly public?: unknown };
  if (typeof source !== 'string' || source === '') return 'it has no source';
  if (typeof page !== 'string') return 'it has no public';
  const [, expression] = /^\/(.*)\/$/s.exec(source) ?? [];
  if (expression === undefined) return { pattern: escapePattern(source), flags: '', page };
  const [, flags = '', body = ''] = /^(?:\(\?(i)\))?(.*)$/s.exec(expression.replaceAll('\\/', '/')) ?? [];
  try {
    new RegExp(body, flags);
  } catch {
    return `${JSON.stringify(source)} is not a regular expression`;
  }
  return { pattern: body, flags, page };
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
