import { isProjectFolder, normalizeFolder } from '../environment/source-folders.ts';
import type { Problem } from '../problems.ts';
import type { Flags } from './flags.ts';
import type { SourceEntry } from './source-schema.ts';

/**
 * Merges what the configuration file says about the source, key by key: the widest level comes first, and the flags
 * replace all of them. Adds a problem for flags that name no folder of the project.
 */
export function resolveSource(
  levels: readonly (SourceEntry | undefined)[],
  { root, dir, image, imageArchive: image_archive }: Flags,
  problems: Problem[],
): SourceEntry {
  const flags = Object.entries({ image, image_archive, root, dir }).filter(
    ([, value]) => value !== undefined,
  );
  if (flags.length > 1) {
    const [first, second] = flags.map(([key]) => `--${key.replace('_', '-')}`);
    problems.push({ where: `${first}`, message: `excludes ${second}`, remedy: 'Use one of them.' });
  }
  for (const [key, folder] of Object.entries({ root, dir })) {
    if (folder === '' || (folder !== undefined && !isProjectFolder(folder)))
      problems.push(folderProblem(`--${key}`, folder));
  }
  return [...levels, Object.fromEntries(flags)].reduce<SourceEntry>(mergeSources, {});
}

function folderProblem(where: string, folder: string): Problem {
  const message = `${JSON.stringify(folder)} is not a folder inside the project`;
  return { where, message, remedy: 'Use a relative path without `..`, for example dist.' };
}

/** A narrower level that names a folder or an image replaces the wider level's, and for an image all that is about files. */
function mergeSources(wide: SourceEntry, narrow: SourceEntry = {}): SourceEntry {
  if (narrow.image !== undefined || narrow.image_archive !== undefined) return narrow;
  const { root, dir, image, image_archive, ...others } = wide;
  const isReplaced = narrow.root !== undefined || narrow.dir !== undefined;
  return { ...(isReplaced ? others : wide), ...narrow };
}

/** Returns the folder that is shipped, normalized; '' for the project's folder. */
export function shippedFolder({ root, dir }: SourceEntry): string {
  return normalizeFolder(dir ?? root ?? '');
}

/** Whether an image is shipped instead of files of the repository. */
export function isImageSource({ image, image_archive: archive }: SourceEntry): boolean {
  return image !== undefined || archive !== undefined;
}
