import { createByteReader } from './byte-reader.ts';
import { type Git, gitError } from './git.ts';

/** A file, link or submodule of a tree. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` for a symbolic link, `160000` for a submodule. */
  readonly mode: string;
  readonly id: string;
  /** In bytes, if it was asked for; undefined for a submodule and for a missing blob of a partial clone. */
  readonly size: number | undefined;
  /** From the top of the tree. Each character is one byte, because names may have any encoding. */
  readonly path: string;
}

const nul = 0;

/**
 * Reads all entries of a tree one after the other, those of its folders too.
 *
 * Throws `source-failed`.
 */
export async function* readTree(
  git: Git,
  id: string,
  { sizes = false }: { readonly sizes?: boolean } = {},
): AsyncGenerator<TreeEntry, void> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', ...(sizes ? ['--long'] : []), id];
  const reader = git.start(args, '');
  const bytes = createByteReader(reader.stdout);
  try {
    for (;;) {
      const line = await bytes.takeUntil(nul, 100_000);
      if (line === undefined) break;
      yield parseEntry(line.toString('latin1'));
    }
    const result = await reader.result;
    if (result.kind === 'failed') throw gitError(args, result);
  } finally {
    reader.kill();
    await reader.result;
  }
}

/** Parses `<mode> <kind> <id>\t<path>`, with sizes `<mode> <kind> <id> <size>\t<path>`. */
function parseEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [mode = '', , id = '', size = ''] = line.slice(0, tab).split(/ +/);
  return { mode, id, size: /^\d+$/.test(size) ? Number(size) : undefined, path: line.slice(tab + 1) };
}

/** Returns a path as text. What is not UTF-8 in it cannot be shown. */
export function displayPath(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}
