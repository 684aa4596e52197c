import { lstat, realpath, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { readLimitedFile, type UnreadableError } from '../environment/read-file.ts';
import type { Problem } from '../problems.ts';

/** Whom a file may be readable by. */
export type Readers = 'owner' | 'all';

/**
 * Reads a file that decides about access. Returns what is wrong with it if someone other than root and the user of this process
 * could have written it, here or by way of a folder above it, or (`owner`) could read it.
 */
export async function readTrustedFile(
  path: string,
  readers: Readers = 'all',
): Promise<{ readonly text: string } | { readonly problem: Problem }> {
  try {
    const problem = await findWeakness(path, readers);
    return problem ? { problem } : { text: (await readLimitedFile(path)).toString('utf8') };
  } catch (error) {
    const { message } = error as UnreadableError;
    const remedy = 'Check the path and its permissions.';
    return { problem: { where: path, message: `cannot be read: ${message}`, remedy } };
  }
}

async function findWeakness(path: string, readers: Readers): Promise<Problem | undefined> {
  const { mode, uid } = await stat(path);
  const problem = (message: string, remedy: string): Problem => ({ where: path, message, remedy });
  if (!isTrusted(uid)) return problem(`belongs to the user ${uid}`, `Run: chown root ${path}`);
  if ((mode & 0o022) !== 0) return problem('can be written by others', `Run: chmod go-w ${path}`);
  if (readers === 'owner' && (mode & 0o077) !== 0)
    return problem('can be read by others', `Run: chmod 600 ${path}`);
  for (const folder of foldersAbove(await realpath(path))) {
    const above = await lstat(folder);
    const isShared = (above.mode & 0o022) !== 0 && (above.mode & 0o1000) === 0;
    if (isShared || !isTrusted(above.uid))
      return problem(`is in ${folder}, where others can replace it`, `Move it to a folder of root.`);
  }
  return undefined;
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === userInfo().uid;
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}
