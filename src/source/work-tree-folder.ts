import { realpath, stat } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { DeployError } from '../errors.ts';
import { checkSubmodule, listInnerFiles, toByteString } from './included-files.ts';
import type { Repository } from './repository.ts';
import { readTree } from './tree.ts';

/** A file of the work tree, and its path in what is shipped. Each character of the paths is one byte. */
export interface SelectedFile {
  /** From the top of the work tree. */
  readonly from: string;
  readonly to: string;
}

/**
 * Lists all files of a folder of the work tree, those that git ignores too, with the files of submodules and of other
 * repositories in it. Symbolic links are listed, not followed.
 *
 * Throws `source-failed` for a folder that is missing or is not inside the project, and for a submodule that is not
 * checked out.
 */
export async function listFolder(repository: Repository, dir: string): Promise<SelectedFile[]> {
  const folder = toByteString(await locateFolder(repository, dir));
  const files = await listInnerFiles(repository, folder);
  const start = folder === '' ? '' : `${folder}/`;
  for await (const { mode, path } of readTree(repository.git, repository.commit.tree))
    if (mode === '160000' && path.startsWith(start))
      await checkSubmodule(repository, { path, place: 'source.dir' }, files);
  return files.map((from) => ({ from, to: from.slice(start.length) }));
}

/** Returns the real path of a folder, from the top of the work tree. */
async function locateFolder({ workTree, prefix }: Repository, dir: string): Promise<string> {
  const named = join(workTree, prefix, dir);
  const found = await stat(named).catch(() => undefined);
  if (found === undefined) throw missingError(dir);
  if (!found.isDirectory()) throw notFolderError(dir);
  const path = relative(await realpath(workTree), await realpath(named));
  const names = path.split(sep);
  if (names[0] === '..' || path.startsWith('/')) throw outsideError(dir, 'leads out of the project');
  if (names.some((name) => name.toLowerCase() === '.git')) throw outsideError(dir, 'is git’s own');
  return path.split(sep).join(posix.sep);
}

function missingError(dir: string): DeployError {
  return new DeployError('source-failed', {
    message: `There is no folder ${dir} to ship.`,
    remedy: artifactsRemedy(dir),
  });
}

/** Returns the advice for a folder of the work tree that is missing or empty. */
export function artifactsRemedy(dir: string): string {
  return `If an earlier job builds ${dir}, name it in artifacts:paths of that job, and that job in needs: or dependencies: of this one. Artifacts may also have expired (artifacts:expire_in).`;
}

function notFolderError(dir: string): DeployError {
  return new DeployError('source-failed', {
    message: `${dir} is a file, not a folder.`,
    remedy: 'Name a folder in source.dir or --dir.',
  });
}

function outsideError(dir: string, reason: string): DeployError {
  return new DeployError('source-failed', {
    message: `The folder ${dir} cannot be shipped: it ${reason}.`,
    remedy: 'Name a folder of the project in source.dir or --dir.',
  });
}
