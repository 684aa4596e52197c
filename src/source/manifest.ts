import type { Git } from './git.ts';
import { storeObject } from './objects.ts';
import { readTree } from './tree.ts';

/** A list of the files of a snapshot, as objects of git. The same files always make the same ones. */
export interface Manifest {
  /** A flat tree of the files. */
  readonly list: string;
  /** A commit of that tree, so that git sends the next list as a difference. */
  readonly commit: string;
}

/**
 * Stores the manifest of a tree. It is sent with the snapshot, and nothing refers to it: a client that claims to have the
 * list gets the snapshot's folders without its files from the host's git-upload-pack. So the next job learns what the host has,
 * although its clone lacks it.
 *
 * Throws `source-failed`.
 */
export async function storeManifest(git: Git, tree: string): Promise<Manifest> {
  const ids = new Set<string>();
  for await (const { mode, id } of readTree(git, tree)) if (mode !== '160000') ids.add(id);
  const list = await storeObject(git, 'tree', buildList([...ids].sort()));
  const content = Buffer.from(`tree ${list}\n${signatures}\n\nFiles of a snapshot\n`);
  return { list, commit: await storeObject(git, 'commit', content) };
}

const signatures = ['author', 'committer']
  .map((role) => `${role} dokku-deploy <dokku-deploy@localhost> 0 +0000`)
  .join('\n');

/** Returns the content of a flat tree of these sorted ids. Short names, because the bytes of the ids cannot be compressed. */
function buildList(ids: readonly string[]): Buffer {
  const names = ids.map((id) => id.slice(0, shortName));
  return Buffer.concat(
    ids.map((id, index) => {
      const name = names[index] ?? '';
      const isUnique = name !== names[index - 1] && name !== names[index + 1];
      return Buffer.concat([
        Buffer.from(`100644 ${isUnique ? name : id}\0`, 'latin1'),
        Buffer.from(id, 'hex'),
      ]);
    }),
  );
}

const shortName = 8;
