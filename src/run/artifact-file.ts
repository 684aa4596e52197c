import { randomUUID } from 'node:crypto';
import { lstat, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { type ChildEnv, runGit } from '../source/process.ts';

/** A file that a run writes. */
export interface ArtifactFile {
  /** Relative to the project's folder, or absolute. */
  readonly path: string;
  readonly text: string;
  /** Whether an existing file of this content was written by an earlier run. */
  readonly isOwn: (content: string) => boolean;
}

interface ArtifactFolder {
  /** The project's folder. */
  readonly cwd: string;
  readonly childEnv: ChildEnv;
}

/**
 * Writes a file, and replaces one that an earlier run wrote. Returns the reason if it was not written: any other file of that name,
 * and any that git tracks, is left as it is, and no symbolic link is followed out of the project or to another file.
 */
export async function writeArtifactFile(
  { path, text, isOwn }: ArtifactFile,
  { cwd, childEnv }: ArtifactFolder,
): Promise<string | undefined> {
  const target = resolve(cwd, path);
  try {
    const reason = (await findEscape(target, cwd)) ?? (await findObstacle(target, isOwn, childEnv));
    if (reason === undefined) await replaceFile(target, text);
    return reason;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'its folder does not exist' : message;
  }
}

/** Returns why the file's folder is not where its path says: a symbolic link in the project leads out of it. */
async function findEscape(target: string, cwd: string): Promise<string | undefined> {
  const folder = dirname(target);
  if (!isInside(folder, cwd)) return undefined;
  return isInside(await realpath(folder), await realpath(cwd))
    ? undefined
    : 'its folder is a symbolic link that leads out of the project';
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(/[\\/]/)[0] !== '..';
}

/** Returns why an existing file must not be replaced; undefined if there is none, or one of an earlier run. */
async function findObstacle(
  target: string,
  isOwn: ArtifactFile['isOwn'],
  childEnv: ChildEnv,
): Promise<string | undefined> {
  const existing = await lstat(target).catch(() => undefined);
  if (!existing) return undefined;
  if (existing.isSymbolicLink()) return 'a symbolic link has this name';
  if (!existing.isFile()) return 'something else than a file has this name';
  if (existing.size > maxOwnSize || !isOwn(await readFile(target, 'utf8')))
    return 'a file with this name exists that dokku-deploy did not write';
  return (await isTracked(target, childEnv)) ? 'git tracks a file with this name' : undefined;
}

/** Bytes. A file of ours is much smaller: this one need not be read. */
const maxOwnSize = 10_000_000;

async function isTracked(target: string, childEnv: ChildEnv): Promise<boolean> {
  const args = ['ls-files', '--error-unmatch', '--', basename(target)];
  const result = await runGit({ args, cwd: dirname(target) }, childEnv);
  return result.kind === 'ok';
}

/** Writes a new file next to the target and renames it, which follows no link and leaves no half-written file. */
async function replaceFile(target: string, text: string): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    // Fails if the name exists, even as a link.
    await using file = await open(temporary, 'wx');
    await file.writeFile(text);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}
