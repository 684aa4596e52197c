import { lstat, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.ts';
import { includeError, toByteString } from './included-files.ts';
import type { Repository } from './repository.ts';
import type { Selection } from './selection.ts';
import type { SelectedFile } from './work-tree-folder.ts';

/**
 * Stores the tree of a selection and returns its id. Files are stored byte for byte: no filter and no conversion of line ends
 * is applied.
 *
 * Throws `source-failed`.
 */
export async function storeSelection(
  repository: Repository,
  { base, removed, added }: Selection,
): Promise<string> {
  if (base !== undefined && removed.length === 0 && added.length === 0) return base;
  const git = repository.git.withEnv({ GIT_INDEX_FILE: join(repository.scratch, 'selection') });
  await git.text(['read-tree', base ?? '--empty']);
  const changes = [
    ...removed.map((path) => `0 ${'0'.repeat(40)}\t${path}\0`),
    ...(await storeFiles(repository, git, added)),
  ];
  const input = Buffer.from(changes.join(''), 'latin1');
  await git.text(['update-index', '-z', '--add', '--replace', '--index-info'], input);
  // In a partial clone, blobs of other files may be missing. That is found when they are sent.
  return git.text(['write-tree', '--missing-ok']);
}

/** Stores files of the work tree as blobs. Returns their entries for git's index. */
async function storeFiles(
  repository: Repository,
  git: Git,
  selected: readonly SelectedFile[],
): Promise<string[]> {
  const inspected = selected.map(({ from }, index) => inspectFile(repository, from, index));
  const files = await Promise.all(inspected).catch((error: Error) => {
    throw includeError(error.message);
  });
  const input = files.map(({ location }) => `${quoteLine(location)}\n`).join('');
  const args = ['hash-object', '-w', '--no-filters', '--stdin-paths'];
  const stored = await git.run(args, Buffer.from(input, 'latin1'));
  if (stored.kind === 'failed') throw includeError(stored.stderr);
  const ids = stored.stdout.toString().split('\n');
  return files.map(({ mode }, index) => `${mode} ${ids[index]}\t${selected[index]?.to}\0`);
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
