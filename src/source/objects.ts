import { createHash } from 'node:crypto';
import { createByteReader } from './byte-reader.ts';
import { type Git, gitError } from './git.ts';

/** An object as git stores it. */
export interface GitObject {
  readonly id: string;
  readonly kind: string;
  readonly content: Buffer;
}

/** Returns the id of a git object: SHA-1 of its kind, size and content. */
export function hashObject(kind: 'commit' | 'tree' | 'blob', content: Buffer): string {
  return createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');
}

/** Reads one object. A name may be `ID^{tree}`. Throws `source-failed`, and an Error if the object is missing. */
export async function readObject(git: Git, name: string): Promise<GitObject> {
  for await (const object of readObjects(git, [name])) if (object) return object;
  throw new Error(`the object ${name} is missing`);
}

const readArgs = ['cat-file', '--batch'];
const newline = 0x0a;

/**
 * Reads objects with one git, one after the other: those not yet yielded take no memory. Yields undefined for a missing one. A name
 * may be `ID^{tree}`.
 *
 * Throws `source-failed`.
 */
export async function* readObjects(
  git: Git,
  names: readonly string[],
): AsyncGenerator<GitObject | undefined, void> {
  if (names.length === 0) return;
  const reader = git.start(readArgs, `${names.join('\n')}\n`);
  const bytes = createByteReader(reader.stdout);
  try {
    for (const _ of names) {
      const line = await bytes.takeUntil(newline, 1_000);
      const [id = '', kind = '', size] = line?.toString('latin1').split(' ') ?? [];
      const content = line && size !== undefined ? await bytes.take(Number(size)) : undefined;
      // The newline after the content, or the end of a git that failed.
      const ended = !line || (size !== undefined && !(content && (await bytes.take(1))));
      if (ended) throw await endedEarlyError(reader.result);
      yield content && { id, kind, content };
    }
  } finally {
    reader.kill();
    await reader.result;
  }
}

async function endedEarlyError(ended: ReturnType<Git['start']>['result']): Promise<Error> {
  const result = await ended;
  return result.kind === 'failed' ? gitError(readArgs, result) : new Error('git cat-file printed too little');
}

/** Stores an object and returns its id. Git does not check it: an old object of a history may be invalid by today's rules. Throws `source-failed`. */
export function storeObject(git: Git, kind: 'commit' | 'tree' | 'blob', content: Buffer): Promise<string> {
  return git.text(['hash-object', '-t', kind, '-w', '--literally', '--stdin'], content);
}

/** Returns a tree's content with plain files added at its root: blob ids by name. All other entries keep their bytes and order. */
export function addToTree(content: Buffer, files: ReadonlyMap<string, string>): Buffer {
  let tree = content;
  for (const [name, id] of files) tree = addEntry(tree, Buffer.from(name).toString('latin1'), id);
  return tree;
}

/** Puts an entry in its place in a tree, instead of an entry of the same name. Each character of the name is one byte. */
function addEntry(content: Buffer, name: string, id: string): Buffer {
  const before: Buffer[] = [];
  const after: Buffer[] = [];
  let start = 0;
  let parts = before;
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    const entryName = content.toString('latin1', space + 1, nul);
    const end = nul + 1 + idBytes;
    if (parts === before && name < sortKey(content.toString('latin1', at, space), entryName)) {
      before.push(content.subarray(start, at));
      start = at;
      parts = after;
    }
    if (entryName === name) {
      parts.push(content.subarray(start, at));
      start = end;
    }
    at = end;
  }
  parts.push(content.subarray(start));
  const entry = Buffer.from(`100644 ${name}\0`, 'latin1');
  return Buffer.concat([...before, entry, Buffer.from(id, 'hex'), ...after]);
}

const idBytes = 20;

// Git sorts the entries of a tree by their bytes, and a folder as if its name ended with a slash.
function sortKey(mode: string, name: string): string {
  return mode.endsWith('40000') ? `${name}/` : name;
}
