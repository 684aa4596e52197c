import type { Source } from '../context/context.ts';
import type { SnapshotBase } from './base.ts';
import { buildSnapshotContent } from './commit.ts';
import type { Git } from './git.ts';
import { type Manifest, storeManifest } from './manifest.ts';
import { addToTree, readObject, storeObject } from './objects.ts';
import type { Repository } from './repository.ts';
import { selectFiles } from './selection.ts';
import { storeSelection } from './store-selection.ts';

/** A snapshot that is stored and can be sent. */
export interface Snapshot {
  readonly id: string;
  /** Files at its root that the commit does not have: blob ids by name. */
  readonly extra: ReadonlyMap<string, string>;
  readonly base: SnapshotBase;
  /** Undefined for a tree of the commit. */
  readonly manifest: Manifest | undefined;
}

/**
 * Creates and stores the snapshot of the repository's commit.
 *
 * Throws `source-failed`.
 */
export async function createSnapshot(repository: Repository, source: Source): Promise<Snapshot> {
  const { git, commit } = repository;
  const extra = await storeExtraFiles(git, source.extra);
  const selection = await selectFiles(repository, source);
  const selected = await storeSelection(repository, selection);
  const tree = await storeTreeWith(git, selected, extra);
  const manifest = selected === selection.base ? undefined : await storeManifest(git, tree);
  const base: SnapshotBase = manifest
    ? { kind: 'files', manifest: manifest.list }
    : { kind: 'tree', tree: selected, extra };
  const id = await storeObject(git, 'commit', buildSnapshotContent(commit, tree));
  return { id, extra, base, manifest };
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

/** Stores a tree with files added at its root, and returns its id. Throws `source-failed`. */
export async function storeTreeWith(
  git: Git,
  tree: string,
  files: ReadonlyMap<string, string>,
): Promise<string> {
  if (files.size === 0) return tree;
  const { content } = await readObject(git, tree);
  return storeObject(git, 'tree', addToTree(content, files));
}
