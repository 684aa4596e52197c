import { createHash } from 'node:crypto';
import type { Git } from './git.ts';

/** Returns the id of a git object: SHA-1 of its kind, size and content. */
export function hashObject(kind: 'commit' | 'tree' | 'blob', content: Buffer): string {
  return createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');
}

/** Reads objects with one git. Returns them by name, without those that are missing. A name may be `ID^{tree}`. */
export async function readObjects(git: Git, names: readonly string[]): Promise<Map<string, Buffer>> {
  const result = await git.run(['cat-file', '--batch'], `${names.join('\n')}\n`);
  const found = new Map<string, Buffer>();
  if (result.kind === 'failed') return found;
  const { stdout } = result;
  let at = 0;
  for (const name of names) {
    const end = stdout.indexOf(0x0a, at);
    const [, kind, size] = stdout.subarray(at, end).toString('latin1').split(' ');
    at = end + 1;
    if (kind === undefined || kind === 'missing' || size === undefined) continue;
    found.set(name, stdout.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return found;
}

/** Stores an object and returns its id. Throws `source-failed`. */
export function storeObject(git: Git, kind: 'commit' | 'tree' | 'blob', content: Buffer): Promise<string> {
  return git.text(['hash-object', '-t', kind, '-w', '--stdin'], content);
}

/** Returns a tree's content with plain files added at its root: blob ids by name. All other entries keep their bytes and order. */
export function addToTree(content: Buffer, files: ReadonlyMap<string, string>): Buffer {
  if (files.size === 0) return content;
  const added = [...files].map(([name, id]) => newEntry(name, id));
  const names = new Set(added.map(({ name }) => name));
  const entries = parseTree(content).filter(({ name }) => !names.has(name));
  for (const entry of added) {
    const next = entries.findIndex((other) => sortKey(entry) < sortKey(other));
    entries.splice(next === -1 ? entries.length : next, 0, entry);
  }
  return Buffer.concat(
    entries.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), id]),
  );
}

interface TreeEntry {
  readonly mode: string;
  /** Each character is one byte, because names may have any encoding. */
  readonly name: string;
  readonly id: Buffer;
}

function newEntry(name: string, id: string): TreeEntry {
  return { mode: '100644', name: Buffer.from(name).toString('latin1'), id: Buffer.from(id, 'hex') };
}

function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    entries.push({
      mode: content.subarray(at, space).toString('latin1'),
      name: content.subarray(space + 1, nul).toString('latin1'),
      id: content.subarray(nul + 1, nul + 21),
    });
    at = nul + 21;
  }
  return entries;
}

// Git sorts the entries of a tree by their bytes, and a folder as if its name ended with a slash.
function sortKey({ mode, name }: TreeEntry): string {
  return mode.endsWith('40000') ? `${name}/` : name;
}
