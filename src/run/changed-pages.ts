import { createContext, Script } from 'node:vm';
import type { Context, Warning } from '../context/context.ts';
import { parseRouteMap, type Route, routeMapPath } from '../context/route-map.ts';
import type { JobInput } from '../environment/job-input.ts';
import { listChangedFiles } from '../source/changed-files.ts';
import type { World } from '../world.ts';
import { pickChildEnv } from './child-env.ts';

/** How many files are compared, and how many pages are linked. */
export const pageLimits = { files: 3_000, pages: 20, milliseconds: 500 } as const;

/**
 * Adds the pages that a merge request changes to the context, by GitLab's route map and the merge request's diff. A route map that
 * cannot be used is a warning. Throws what `listChangedFiles` throws.
 */
export async function withChangedPages(context: Context, jobInput: JobInput, world: World): Promise<Context> {
  const base = findBase(context, jobInput);
  if (context.command !== 'review start' || base === undefined) return context;
  const file = await jobInput.readFile(routeMapPath);
  if ('reason' in file) return file.isMissing ? context : warned(context, file.reason);
  const read = parseRouteMap(file);
  if ('reason' in read) return warned(context, read.reason);
  const files = await listChangedFiles(context.source, base, pickChildEnv(world));
  if (files === undefined) return { ...context, notes: [...context.notes, shallowNote] };
  const changedPages = findPages(read.routes, files);
  return changedPages === undefined ? warned(context, slowMap) : { ...context, changedPages };
}

/** A merge commit of GitLab's has the target branch as its first parent. */
function findBase({ job }: Context, { variables }: JobInput): string | undefined {
  return job.merged ? 'parent' : variables.CI_MERGE_REQUEST_DIFF_BASE_SHA;
}

function warned(context: Context, reason: string): Context {
  const warning: Warning = { about: routeMapPath, message: `the changed pages are not linked: ${reason}` };
  return { ...context, warnings: [...context.warnings, warning] };
}

const shallowNote = `the pages of ${routeMapPath} are not linked: the clone lacks the commit that the merge request is compared with (set GIT_DEPTH: 0)`;

const slowMap = `matching its regular expressions took more than ${pageLimits.milliseconds} ms`;

/** Returns the paths of the pages, each once, in the order of the files. Undefined if an expression takes too long. */
function findPages(routes: readonly Route[], files: readonly string[]): readonly string[] | undefined {
  const matches = matchFiles(routes, files.slice(0, pageLimits.files));
  const pages = matches?.flatMap((match) => (match ? [fillPage(match)] : []));
  return pages && [...new Set(pages)].slice(0, pageLimits.pages);
}

/** The route of a file, and the groups of its match. */
interface RouteMatch {
  readonly page: string;
  readonly groups: readonly (string | undefined)[];
}

/** A regular expression can take exponential time, and only the time limit of a script stops the engine. */
const matcher = new Script(`
  const compiled = routes.map(({ pattern, flags, page }) => [new RegExp('^(?:' + pattern + ')$', flags), page]);
  JSON.stringify(files.map((file) => {
    for (const [expression, page] of compiled) {
      const match = expression.exec(file);
      if (match) return { page, groups: match };
    }
    return null;
  }));
`);

/** Returns the first route that matches each file, null for none. Undefined if that takes too long. */
function matchFiles(
  routes: readonly Route[],
  files: readonly string[],
): readonly (RouteMatch | null)[] | undefined {
  try {
    const context = createContext({ routes, files });
    const text: unknown = matcher.runInContext(context, { timeout: pageLimits.milliseconds });
    return JSON.parse(String(text)) as (RouteMatch | null)[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

function fillPage({ page, groups }: RouteMatch): string {
  return page.replace(/\\(\d)/g, (_, digit: string) => groups[Number(digit)] ?? '');
}
