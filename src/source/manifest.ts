import type { Git } from './git.ts';
import { storeObject } from './objects.ts';
import { readTree } from './tree.ts';

/**
 * Stores a commit that names every file of a tree, and returns its id. It is sent with the snapshot, and nothing refers to it:
 * whoever has it and says so to the host's git-upload-pack gets the snapshot's folders without its files. So the next job
 * learns what the host has, although its clone lacks it. The same files always make the same commit.
 *
 * Throws `source-failed`.
 */
export async function storeManifest(git: Git, tree: string): Promise<string> {
  const ids = new Set<string>();
  for await (const { mode, id } of readTree(git, tree)) if (mode !== '160000') ids.add(id);
  const list = await storeObject(git, 'tree', buildList([...ids].sort()));
  return storeObject(git, 'commit', Buffer.from(`tree ${list}\n${signatures}\n\nFiles of a snapshot\n`));
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
