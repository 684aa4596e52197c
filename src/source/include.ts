import { lstat, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.ts';
import { includeError, listIncludedFiles, toByteString } from './included-files.ts';
import type { Repository } from './repository.ts';

/**
 * Adds what lies at these paths (or git pathspecs) of the work tree to the commit's tree and returns the new tree's id. Files that git
 * ignores are added too, LFS files with their content, and the files of submodules and of other repositories inside the project.
 * They are added byte for byte: no filter and no conversion of line ends is applied.
 *
 * Throws `source-failed`.
 */
export async function buildTreeWithIncludes(
  repository: Repository,
  include: readonly string[],
): Promise<string> {
  const git = repository.git.at(repository.clone.folder).withEnv({ GIT_WORK_TREE: repository.workTree });
  await git.text(['read-tree', repository.commit.id]);
  const { files, gone } = await listIncludedFiles(repository, git, include);
  const removed = gone.map((path) => `0 ${'0'.repeat(40)}\t${path}\0`);
  const added = await storeFiles(repository, git, files);
  const changes = Buffer.from([...removed, ...added].join(''), 'latin1');
  await git.text(['update-index', '-z', '--add', '--replace', '--index-info'], changes);
  // In a partial clone, blobs of other files may be missing. That is found when they are sent.
  return git.text(['write-tree', '--missing-ok']);
}

/** Stores files of the work tree as blobs. Returns their entries for git's index. */
async function storeFiles(repository: Repository, git: Git, paths: readonly string[]): Promise<string[]> {
  const inspected = paths.map((path, index) => inspectFile(repository, path, index));
  const files = await Promise.all(inspected).catch((error: Error) => {
    throw includeError(error.message);
  });
  const input = files.map(({ location }) => `${quoteLine(location)}\n`).join('');
  const args = ['hash-object', '-w', '--no-filters', '--stdin-paths'];
  const stored = await git.run(args, Buffer.from(input, 'latin1'));
  if (stored.kind === 'failed') throw includeError(stored.stderr);
  const ids = stored.stdout.toString().split('\n');
  return files.map(({ mode }, index) => `${mode} ${ids[index]}\t${paths[index]}\0`);
}

interface StoredFile {
  readonly mode: string;
  /** The absolute path, one character a byte, of the file with its content. */
  readonly location: string;
}

/** Returns the mode and the content's place of a file. What a symbolic link points to is written to a file, for git to read. */
async function inspectFile(
  { workTree, scratch }: Repository,
  path: string,
  index: number,
): Promise<StoredFile> {
  const location = `${toByteString(workTree)}/${path}`;
  const bytes = Buffer.from(location, 'latin1');
  const stats = await lstat(bytes);
  if (!stats.isSymbolicLink()) return { mode: stats.mode & 0o100 ? '100755' : '100644', location };
  const target = join(scratch, `link-${index}`);
  await writeFile(target, await readlink(bytes, { encoding: 'buffer' }));
  return { mode: '120000', location: toByteString(target) };
}

/** Quotes a path that contains line ends for git, which reads one path a line. */
function quoteLine(path: string): string {
  if (!/[\r\n]/.test(path)) return path;
  const escaped = path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `"${escaped}"`;
}
