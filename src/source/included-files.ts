import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Git } from './git.ts';
import type { Repository } from './repository.ts';

/** Paths from the top of the work tree. Each character is one byte, because names may have any encoding. */
export interface IncludedFiles {
  /** Files and symbolic links that exist. */
  readonly files: readonly string[];
  /** Entries of the commit to remove: files that no longer exist, and submodules, whose files are added instead. */
  readonly gone: readonly string[];
}

/**
 * Lists the files at these paths (or git pathspecs) of the work tree, with the files of the repositories inside it. `git` has the
 * commit in its index.
 *
 * Throws `source-failed` for a path without files and for a submodule that is not checked out.
 */
export async function listIncludedFiles(
  repository: Repository,
  git: Git,
  include: readonly string[],
): Promise<IncludedFiles> {
  const files: string[] = [];
  const gone: string[] = [];
  const add = (paths: readonly string[]): void => {
    for (const path of paths) files.push(path);
  };
  for (const { kind, path } of await listEntries(git, include)) {
    if (kind === 'untracked') add([path]);
    else if (kind === 'repository') add(await listInnerFiles(repository, path));
    else if (kind === 'submodule') {
      add(await listSubmodule(repository, path));
      gone.push(path);
    } else (isFile(repository, path) ? files : gone).push(path);
  }
  return { files, gone };
}

interface Entry {
  readonly path: string;
  /** `repository`: the folder of a repository that is not a submodule of the commit. */
  readonly kind: 'tracked' | 'untracked' | 'submodule' | 'repository';
}

/** Lists the entries of the commit and the other files: `H <mode> <id> <stage>\t<path>`, `? <path>` and `? <folder>/`. */
async function listEntries(git: Git, include: readonly string[]): Promise<Entry[]> {
  const flags = ['-t', '--stage', '--cached', '--others', '--full-name', '--error-unmatch', '-z'];
  const lines = await listPaths(git, [...flags, '--', ...include]);
  return lines.map((line): Entry => {
    if (line.startsWith('? '))
      return line.endsWith('/')
        ? { kind: 'repository', path: line.slice(2, -1) }
        : { kind: 'untracked', path: line.slice(2) };
    const path = line.slice(line.indexOf('\t') + 1);
    return { kind: line.startsWith('160000', 2) ? 'submodule' : 'tracked', path };
  });
}

/** Runs `git ls-files`. Throws for a warning, too: then a folder could not be read. */
async function listPaths(git: Git, args: readonly string[]): Promise<string[]> {
  const result = await git.run(['ls-files', ...args]);
  if (result.kind === 'failed' || result.stderr) throw includeError(result.stderr);
  return result.stdout.toString('latin1').split('\0').slice(0, -1);
}

function isFile({ workTree }: Repository, path: string): boolean {
  try {
    return !lstatSync(Buffer.from(`${toByteString(workTree)}/${path}`, 'latin1')).isDirectory();
  } catch (error) {
    // ENOTDIR: a folder on its path is a file now. Any other failure will show when the file is read.
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** Returns a text with one character for each of its bytes. */
export function toByteString(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Returns the error for files in source.include that cannot be added. */
export function includeError(stderr: string): DeployError {
  const unmatched = [...stderr.matchAll(/pathspec '(.+)' did not match any file/g)].map(([, path]) => path);
  if (unmatched.length > 0)
    return new DeployError('source-failed', {
      message: `There are no files at these paths in source.include: ${unmatched.join(', ')}`,
      remedy: 'Check that an earlier step of the job creates them, and that they are inside the project.',
    });
  return new DeployError('source-failed', {
    message: 'Files to ship could not be read.',
    said: stderr.split('\n'),
    remedy: 'Check that the job’s user may read them, and that nothing changes them during the deploy.',
  });
}

/** Lists the files of a submodule and of those inside it. Throws if one of them is not checked out. */
async function listSubmodule(repository: Repository, path: string): Promise<string[]> {
  const files = lstatSync(locate(repository, path), { throwIfNoEntry: false })?.isDirectory()
    ? await listInnerFiles(repository, path)
    : [];
  await checkSubmodule(repository, { path, place: 'source.include' }, files);
  return files;
}

/** Lists all files in the folder of a repository, with those of repositories inside it. */
export async function listInnerFiles(repository: Repository, path: string): Promise<string[]> {
  const folder = locate(repository, path);
  const git = repository.git
    .at(folder)
    .withEnv({ GIT_WORK_TREE: folder, GIT_INDEX_FILE: join(repository.scratch, 'empty-index') });
  const files: string[] = [];
  for (const name of await listPaths(git, ['--others', '-z'])) {
    const inner = path === '' ? name : `${path}/${name}`;
    if (inner.endsWith('/')) files.push(...(await listInnerFiles(repository, inner.slice(0, -1))));
    else files.push(inner);
  }
  return files;
}

function locate({ workTree }: Repository, path: string): string {
  return join(workTree, Buffer.from(path, 'latin1').toString());
}

/** A submodule, and the key of the file that names it or a folder around it. */
interface NamedSubmodule {
  readonly path: string;
  readonly place: 'source.include' | 'source.dir';
}

/** Throws `source-failed` if a submodule, or one inside it, has none of the files. */
export async function checkSubmodule(
  repository: Repository,
  { path, place }: NamedSubmodule,
  files: readonly string[],
): Promise<void> {
  const inside = files.filter((file) => file.startsWith(`${path}/`));
  if (inside.length === 0) throw notCheckedOutError(path, place);
  const folder = locate(repository, path);
  if (!existsSync(join(folder, '.git'))) return;
  for (const entry of await listPaths(repository.clone.at(folder), ['--stage', '-z'])) {
    if (!entry.startsWith('160000 ')) continue;
    const inner = `${path}/${entry.slice(entry.indexOf('\t') + 1)}`;
    await checkSubmodule(repository, { path: inner, place }, inside);
  }
}

function notCheckedOutError(path: string, place: string): DeployError {
  return new DeployError('source-failed', {
    message: `The submodule ${Buffer.from(path, 'latin1')} in ${place} is not checked out.`,
    remedy: 'Set GIT_SUBMODULE_STRATEGY: recursive for the job.',
  });
}
