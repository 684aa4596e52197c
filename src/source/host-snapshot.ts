import { DeployError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import { parseBase } from './base.ts';
import { buildSnapshotContent, type Commit, parseCommit } from './commit.ts';
import { type Git, wasKilledBySignal } from './git.ts';
import { storeManifest } from './manifest.ts';
import { addToTree, hashObject, readObject, readObjects, storeObject } from './objects.ts';
import type { Repository } from './repository.ts';
import { type Snapshot, storeTreeWith } from './snapshot.ts';
import { fetchPack } from './upload-pack.ts';

/** What is recorded on an app about the snapshot that it runs. */
export interface RecordedSnapshot {
  readonly commit: string;
  /** Its id. */
  readonly revision?: string | undefined;
  /** What it was made from (`formatBase`). */
  readonly base?: string | undefined;
}

/** A snapshot on a host, and where to look for it. */
export interface HostSnapshot {
  readonly host: Host;
  readonly app: string;
  readonly id: string;
  readonly record: RecordedSnapshot | undefined;
}

/**
 * Recreates the snapshot that the host has, so that git sends only the difference. Returns the commits whose files need
 * not be sent; none if the snapshot cannot be found again. The host rejects a push that lacks something, so a wrong record
 * does no harm.
 *
 * Throws `source-failed`.
 */
export async function findHostSnapshot(
  repository: Repository,
  { extra }: Snapshot,
  { host, app, id, record }: HostSnapshot,
): Promise<readonly string[]> {
  const base = record?.revision === id ? parseBase(record.base ?? '') : undefined;
  if (base?.kind === 'files') return fetchFolders(repository.git, { host, app, id, manifest: base.manifest });
  const found = base && record && (await recreateRecorded(repository.git, record.commit, { ...base, id }));
  return found || (await recreateHostSnapshot(repository, extra, id)) !== undefined ? [id] : [];
}

interface RecordedTree {
  readonly id: string;
  readonly tree: string;
  readonly extra: Snapshot['extra'];
}

/** Recreates a snapshot from what is recorded about it. Returns whether that gave the same id. */
async function recreateRecorded(
  git: Git,
  commit: string,
  { id, tree, extra }: RecordedTree,
): Promise<boolean> {
  if (!/^[0-9a-f]{40}$/.test(commit)) return false;
  const objects: (Commit | Buffer)[] = [];
  for await (const object of readObjects(git, [commit, tree])) {
    if (object?.kind === 'commit') objects.push(parseCommit(object));
    if (object?.kind === 'tree') objects.push(addToTree(object.content, extra));
  }
  const [original, content] = objects;
  if (!original || Buffer.isBuffer(original) || !Buffer.isBuffer(content)) return false;
  const snapshot = buildSnapshotContent(original, hashObject('tree', content));
  if (hashObject('commit', snapshot) !== id) return false;
  await storeObject(git, 'tree', content);
  await storeObject(git, 'commit', snapshot);
  return true;
}

interface HostFolders {
  readonly host: Host;
  readonly app: string;
  readonly id: string;
  readonly manifest: string;
}

/** Fetches the folders of the host's snapshot, without the files. If that fails, everything is sent; the push does not fail. */
async function fetchFolders(git: Git, { host, app, id, manifest }: HostFolders): Promise<readonly string[]> {
  try {
    const pack = await fetchPack({ host, app, wanted: id, have: manifest });
    if (pack === undefined) return [];
    await git.text(['index-pack', '--stdin'], pack);
    const { kind } = await readObject(git, id);
    if (kind !== 'commit') return [];
    const { list, commit } = await storeManifest(git, `${id}^{tree}`);
    return list === manifest ? [id, commit] : [id];
  } catch (error) {
    if (wasKilledBySignal(error)) throw error;
    if (error instanceof DeployError || error instanceof SyntaxError) return [];
    throw error;
  }
}

/**
 * Recreates and stores the snapshot that the host has if it was made from one of the last commits of this history with the same
 * additional files. Returns the commit.
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
