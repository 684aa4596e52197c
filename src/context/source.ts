import { isProjectFolder, normalizeFolder } from '../environment/source-folders.ts';
import type { Problem } from '../problems.ts';
import type { Flags } from './flags.ts';
import type { SourceEntry } from './schema.ts';

/**
 * Merges what the configuration file says about the source, key by key: the widest level comes first, and the flags
 * replace all of them. Adds a problem for flags that name no folder of the project.
 */
export function resolveSource(
  levels: readonly (SourceEntry | undefined)[],
  { root, dir }: Flags,
  problems: Problem[],
): SourceEntry {
  if (root !== undefined && dir !== undefined)
    problems.push({ where: '--dir', message: 'excludes --root', remedy: 'Use one of them.' });
  const flags = Object.entries({ root, dir }).flatMap(([key, folder]): SourceEntry[] => {
    if (folder === undefined) return [];
    if (folder === '' || !isProjectFolder(folder)) problems.push(folderProblem(`--${key}`, folder));
    return [{ [key]: folder }];
  });
  return [...levels, ...flags].reduce<SourceEntry>(mergeSources, {});
}

function folderProblem(where: string, folder: string): Problem {
  const message = `${JSON.stringify(folder)} is not a folder inside the project`;
  return { where, message, remedy: 'Use a relative path without `..`, for example dist.' };
}

/** A narrower level that names one of the alternatives replaces the other. */
function mergeSources(wide: SourceEntry, narrow: SourceEntry = {}): SourceEntry {
  const { root, dir, ...others } = wide;
  const namesFolder = narrow.root !== undefined || narrow.dir !== undefined;
  return { ...(namesFolder ? others : wide), ...narrow };
}

/** Returns the folder that is shipped, normalized; '' for the project's folder. */
export function shippedFolder({ root, dir }: SourceEntry): string {
  return normalizeFolder(dir ?? root ?? '');
}
