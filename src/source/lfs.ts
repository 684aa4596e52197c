import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Warning } from '../context/context.ts';
import type { Git } from './git.ts';
import { readObjects } from './objects.ts';
import { displayPath, readTree, type TreeEntry } from './tree.ts';

/** What a pointer file of Git LFS begins with: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const pointerStart = 'version https://git-lfs.github.com/spec/';

/** Pointer files are smaller than 1,024 bytes. */
const maxPointerSize = 1_023;

/** How many small files of a tree are looked at. */
const maxFiles = 20_000;

/** Whether one of these .gitattributes files uses Git LFS. Throws `source-failed`. */
export async function usesLfs(git: Git, attributes: readonly string[]): Promise<boolean> {
  for await (const object of readObjects(git, attributes))
    if (object && /\bfilter=lfs\b/.test(object.content.toString('latin1'))) return true;
  return false;
}

/** Returns the paths of the pointer files in a tree. Throws `source-failed`. */
export async function findPointers(git: Git, tree: string): Promise<string[]> {
  const small: TreeEntry[] = [];
  for await (const entry of readTree(git, tree, { sizes: true })) {
    const { mode, size = 0 } = entry;
    if (!mode.startsWith('100') || size < pointerStart.length || size > maxPointerSize) continue;
    small.push(entry);
    if (small.length === maxFiles) break;
  }
  const pointers: string[] = [];
  const ids = small.map(({ id }) => id);
  let index = 0;
  for await (const object of readObjects(git, ids)) {
    if (object && isPointer(object.content)) pointers.push(small[index]?.path ?? '');
    index += 1;
  }
  return pointers;
}

function isPointer(start: Buffer): boolean {
  return start.toString('latin1', 0, pointerStart.length) === pointerStart;
}

/** Returns those of the paths whose files in the work tree are pointers, too: their content was not downloaded. */
export async function findPointersInWorkTree(workTree: string, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths)
    if (isPointer(await readStart(join(workTree, displayPath(path))))) found.push(path);
  return found;
}

/** Reads the first bytes of a file; none if it cannot be read. */
async function readStart(path: string): Promise<Buffer> {
  const start = Buffer.alloc(pointerStart.length);
  try {
    await using file = await open(path);
    await file.read(start);
  } catch {
    // A missing file is reported when it is shipped.
  }
  return start;
}

/** Returns the warning that these pointer files are shipped, if there are any. */
export function pointerWarnings(paths: readonly string[], remedy: string): Warning[] {
  const [first] = paths;
  if (first === undefined) return [];
  const count = paths.length === 1 ? '1 file is' : `${paths.length} files are`;
  const message = `${count} shipped as a pointer without content, for example ${displayPath(first)}. To ship the content, ${remedy}.`;
  return [{ about: 'Git LFS', message }];
}
