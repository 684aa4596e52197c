import type { Source } from '../context/context.ts';
import { buildSnapshotContent, type Commit, parseCommit } from './commit.ts';
import type { Git } from './git.ts';
import { addToTree, hashObject, readObject, readObjects, storeObject } from './objects.ts';
import type { Repository } from './repository.ts';
import { selectFiles } from './selection.ts';
import { storeSelection } from './store-selection.ts';

/** A snapshot that is stored and can be sent. */
export interface Snapshot {
  readonly id: string;
  /** Files at its root that the commit does not have: blob ids by name. */
  readonly extra: ReadonlyMap<string, string>;
}

/**
 * Creates and stores the snapshot of the repository's commit.
 *
 * Throws `source-failed`.
 */
export async function createSnapshot(repository: Repository, source: Source): Promise<Snapshot> {
  const { git, commit } = repository;
  const extra = await storeExtraFiles(git, source.extra);
  const selected = await storeSelection(repository, await selectFiles(repository, source));
  const tree = await storeTreeWith(git, selected, extra);
  return { id: await storeObject(git, 'commit', buildSnapshotContent(commit, tree)), extra };
}

/** Stores the files that the snapshot contains in addition to the commit's own. Returns their blob ids by path. */
async function storeExtraFiles(git: Git, extra: Source['extra']): Promise<Map<string, string>> {
  const files = Object.entries(extra).map(
    async ([name, content]): Promise<[string, string]> => [
      name,
      await storeObject(git, 'blob', Buffer.from(content)),
    ],
  );
  return new Map(await Promise.all(files));
}

async function storeTreeWith(git: Git, tree: string, files: ReadonlyMap<string, string>): Promise<string> {
  if (files.size === 0) return tree;
  const { content } = await readObject(git, tree);
  return storeObject(git, 'tree', addToTree(content, files));
}

/**
 * Recreates and stores the snapshot that the host has, so that only the difference is sent, if it was made from one of the last
 * commits of this history with the same additional files. Returns the commit.
 *
 * Throws `source-failed`.
 */
export async function recreateHostSnapshot(
  { git, commit, root }: Repository,
  extra: Snapshot['extra'],
  hostId: string,
): Promise<string | undefined> {
  const listed = await git.text(['rev-list', `--max-count=${searchDepth}`, commit.id]);
  const commits = listed.split('\n');
  const found =
    extra.size === 0 && root === ''
      ? await findBySnapshot(git, commits, hostId)
      : await findBySnapshotWith(git, commits, { extra, hostId, root });
  if (!found) return undefined;
  await storeTreeWith(git, found.tree, extra);
  await storeObject(git, 'commit', found.snapshot);
  return found.id;
}

/** How many commits are tried. */
const searchDepth = 1_000;

interface Match {
  readonly id: string;
  /** The id of the shipped folder's tree, without the additional files. */
  readonly tree: string;
  readonly snapshot: Buffer;
}

/** Finds the commit whose snapshot has an id. The commits alone are read: each names its tree. */
async function findBySnapshot(git: Git, ids: readonly string[], hostId: string): Promise<Match | undefined> {
  for await (const object of readObjects(git, ids)) {
    const match = object && matchSnapshot(parseCommit(object), hostId, (tree) => tree);
    if (match) return match;
  }
  return undefined;
}

function matchSnapshot(
  commit: Commit,
  hostId: string,
  findTree: (tree: string) => string,
): Match | undefined {
  const snapshot = buildSnapshotContent(commit, findTree(commit.tree));
  return hashObject('commit', snapshot) === hostId
    ? { id: commit.id, tree: commit.tree, snapshot }
    : undefined;
}

/** How many bytes of root trees are read to find the host's snapshot. A root with 1,000 files takes 40 KB. */
const searchBytes = 200_000_000;

/** Finds the commit whose snapshot of a folder, with additional files, has an id. That folder's tree is needed of each commit. */
async function findBySnapshotWith(
  git: Git,
  ids: readonly string[],
  {
    extra,
    hostId,
    root,
  }: { readonly extra: Snapshot['extra']; readonly hostId: string; readonly root: string },
): Promise<Match | undefined> {
  let commit: Commit | undefined;
  let bytes = 0;
  for await (const object of readObjects(
    git,
    ids.flatMap((id) => [id, `${id}:${root}`]),
  )) {
    if (object?.kind === 'commit') commit = parseCommit(object);
    if (object?.kind !== 'tree' || !commit) continue;
    const match = matchSnapshot(commit, hostId, () => hashObject('tree', addToTree(object.content, extra)));
    bytes += object.content.length;
    if (match) return { ...match, tree: object.id };
    if (bytes > searchBytes) return undefined;
  }
  return undefined;
}
