import type { Source } from '../context/context.ts';
import type { Git } from './git.ts';
import { buildTreeWithIncludes } from './include.ts';
import { addToTree, hashObject, readObjects, storeObject } from './objects.ts';
import type { Repository } from './repository.ts';

/** A snapshot that is stored and can be sent. `previous`: the commit that the host's snapshot was made from, if found. */
export interface Snapshot {
  readonly id: string;
  /** The host's snapshot, if it is stored too, so that only the difference is sent. */
  readonly base: string | undefined;
  readonly previous: string | undefined;
}

/**
 * Creates and stores the snapshot of the repository's commit, and finds the commit that the host's snapshot was made from.
 * `hostId`: the id of the host's deploy branch, undefined if it has none.
 *
 * Throws `source-failed`.
 */
export async function createSnapshot(
  repository: Repository,
  source: Source,
  hostId: string | undefined,
): Promise<Snapshot> {
  const { git, commit } = repository;
  const files = await storeExtraFiles(git, source.extra);
  const treeName =
    source.include.length > 0 ? await buildTreeWithIncludes(repository, source.include) : `${commit}^{tree}`;
  const objects = await readObjects(git, [commit, treeName]);
  const original = objects.get(commit);
  const rootTree = objects.get(treeName);
  if (!original || !rootTree) throw new Error(`git lost the commit ${commit} or its tree`);
  const tree = await storeObject(git, 'tree', addToTree(rootTree, files));
  const id = await storeObject(git, 'commit', buildSnapshotContent(original, { id: commit, tree }));
  if (hostId === undefined) return { id, base: undefined, previous: undefined };
  if (hostId === id) return { id, base: id, previous: commit };
  const found = await recreateHostSnapshot(repository, files, hostId);
  return { id, base: found ? hostId : undefined, previous: found?.commit };
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

interface Candidate {
  readonly commit: string;
  readonly original: Buffer;
  readonly tree: Buffer;
}

/** Recreates and stores the host's snapshot, if it was made from a commit in the clone. */
async function recreateHostSnapshot(
  repository: Repository,
  files: ReadonlyMap<string, string>,
  hostId: string,
): Promise<Candidate | undefined> {
  const contentOf = ({ commit, original, tree }: Candidate) =>
    buildSnapshotContent(original, { id: commit, tree: hashObject('tree', addToTree(tree, files)) });
  const found = (await readCandidates(repository)).find(
    (one) => hashObject('commit', contentOf(one)) === hostId,
  );
  if (!found) return undefined;
  await storeObject(repository.git, 'tree', addToTree(found.tree, files));
  await storeObject(repository.git, 'commit', contentOf(found));
  return found;
}

/** How many commits are tried as the source of the host's snapshot. */
const searchDepth = 1_000;

async function readCandidates({ git, commit }: Repository): Promise<Candidate[]> {
  const listed = await git.text(['rev-list', `--max-count=${searchDepth}`, commit]);
  const ids = listed.split('\n');
  const objects = await readObjects(
    git,
    ids.flatMap((id) => [id, `${id}^{tree}`]),
  );
  return ids.flatMap((id) => {
    const original = objects.get(id);
    const tree = objects.get(`${id}^{tree}`);
    return original && tree ? [{ commit: id, original, tree }] : [];
  });
}

/**
 * Returns the content of a snapshot: a commit without parents, with the author, dates and message of the original commit and a
 * trailer that names it. The same commit and tree always give the same bytes, and so the same id.
 */
export function buildSnapshotContent(original: Buffer, { id, tree }: { id: string; tree: string }): Buffer {
  // latin1 keeps the bytes, whatever the message's encoding.
  const text = original.toString('latin1');
  const encoding = readHeader(text, 'encoding');
  const headers = [
    `tree ${tree}`,
    `author ${readHeader(text, 'author')}`,
    `committer ${readHeader(text, 'committer')}`,
    ...(encoding === undefined ? [] : [`encoding ${encoding}`]),
  ];
  const message = text.slice(text.indexOf('\n\n') + 2).trimEnd();
  return Buffer.from(`${headers.join('\n')}\n\n${message}\n\nSource-Commit: ${id}\n`, 'latin1');
}

function readHeader(commit: string, name: string): string | undefined {
  return new RegExp(`^${name} (.*)$`, 'm').exec(commit.slice(0, commit.indexOf('\n\n')))?.[1];
}
