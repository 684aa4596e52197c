import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { createExclusion } from './exclude.ts';
import { listIncludedFiles, toByteString } from './included-files.ts';
import type { Repository } from './repository.ts';
import { displayPath, readTree } from './tree.ts';
import { artifactsRemedy, listFolder, type SelectedFile } from './work-tree-folder.ts';

/** What is shipped: a tree of the commit, with changes. */
export interface Selection {
  /** The id of the tree; undefined for a folder of the work tree. */
  readonly base: string | undefined;
  /** Paths that are removed from that tree. */
  readonly removed: readonly string[];
  /** Files that are added, or replace those of the tree. */
  readonly added: readonly SelectedFile[];
}

/**
 * Selects what is shipped. Reads no file's content.
 *
 * Throws `source-failed` for a folder that does not exist, or that has no files.
 */
export async function selectFiles(repository: Repository, source: Source): Promise<Selection> {
  const { include, exclude = [], dir } = source;
  const included = include.length > 0 ? await selectIncluded(repository, include) : noFiles;
  const files = dir === undefined ? [] : await listFolder(repository, dir);
  const base = dir === undefined ? await findRootTree(repository, included.added.length > 0) : undefined;
  const isExcluded = createExclusion(exclude);
  const added = [...files, ...included.added].filter(({ to }) => !isExcluded(displayPath(to)));
  const { matching, others } =
    base === undefined || exclude.length === 0
      ? { matching: [], others: base === undefined ? 0 : 1 }
      : await divideTree(repository, base, isExcluded);
  if (others === 0 && added.length === 0) throw emptyError(source);
  return { base, removed: [...included.removed, ...matching], added };
}

const noFiles: Omit<Selection, 'base'> = { removed: [], added: [] };

async function selectIncluded(
  repository: Repository,
  include: readonly string[],
): Promise<Omit<Selection, 'base'>> {
  const git = repository.git.at(repository.clone.folder).withEnv({ GIT_WORK_TREE: repository.workTree });
  await git.text(['read-tree', repository.commit.id]);
  const { files, gone } = await listIncludedFiles(repository, git, include);
  const [root = '', prefix = ''] = [repository.root, repository.prefix].map((folder) =>
    toByteString(joinSlash(folder)),
  );
  const place = (path: string): string => {
    const outer = [root, prefix].find((folder) => path.startsWith(folder)) ?? '';
    return path.slice(outer.length);
  };
  return {
    removed: gone.filter((path) => path.startsWith(root)).map(place),
    added: files.map((from) => ({ from, to: place(from) })),
  };
}

function joinSlash(folder: string): string {
  return folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
}

/**
 * Returns the id of the shipped folder's tree. Undefined if the commit does not have that folder, which is an error unless
 * source.include fills it.
 */
async function findRootTree(
  { git, root, commit }: Repository,
  isFilled: boolean,
): Promise<string | undefined> {
  if (root === '') return commit.tree;
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit.tree}:${root}`];
  const found = await git.run(words);
  const id = found.kind === 'ok' ? found.stdout.toString().trim() : '';
  if (id !== '' && (await git.text(['cat-file', '-t', id])) === 'tree') return id;
  if (isFilled) return undefined;
  throw new DeployError('source-failed', {
    message: `The commit ${commit.id.slice(0, 8)} has no folder ${root}.`,
    remedy:
      'Check source.root in .dokku-deploy.yml, or --root. A folder that is not committed is shipped with source.dir.',
  });
}

/** Lists the files of a tree that match, and counts the others. Throws `source-failed`. */
async function divideTree(
  { git }: Repository,
  tree: string,
  matches: (path: string) => boolean,
): Promise<{ readonly matching: readonly string[]; readonly others: number }> {
  const matching: string[] = [];
  let others = 0;
  for await (const { path } of readTree(git, tree)) {
    if (matches(displayPath(path))) matching.push(path);
    else others += 1;
  }
  return { matching, others };
}

function emptyError({ dir, root, exclude = [] }: Source): DeployError {
  const folder = dir ?? root ?? 'the project';
  const kept = exclude.length > 0 ? ' that source.exclude keeps' : '';
  return new DeployError('source-failed', {
    message: `There is nothing to ship: ${folder} has no files${kept}.`,
    remedy: dir === undefined ? 'Check source.exclude.' : artifactsRemedy(dir),
  });
}
