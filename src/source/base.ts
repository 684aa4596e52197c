/** What a snapshot was made from, by which a later job finds it again. */
export type SnapshotBase =
  /** A tree of the repository, with files added at its root: blob ids by name. */
  | { readonly kind: 'tree'; readonly tree: string; readonly extra: ReadonlyMap<string, string> }
  /** Files that no commit has: the list of their ids (`Manifest`). */
  | { readonly kind: 'files'; readonly manifest: string };

/** Writes a base as one word, to be recorded on the app. */
export function formatBase(base: SnapshotBase): string {
  if (base.kind === 'files') return `files:${base.manifest}`;
  return [`tree:${base.tree}`, ...[...base.extra].map(([name, id]) => `${name}=${id}`)].join(',');
}

/** Reads a base; undefined for text in another form. */
export function parseBase(text: string): SnapshotBase | undefined {
  const [, kind, id = '', more = ''] =
    /^(tree|files):([0-9a-f]{40})((?:,[\w.-]+=[0-9a-f]{40})*)$/.exec(text) ?? [];
  if (kind === 'files' && more === '') return { kind, manifest: id };
  if (kind !== 'tree') return undefined;
  const extra = more
    .split(',')
    .slice(1)
    .map((entry): [string, string] => {
      const [name = '', blob = ''] = entry.split('=');
      return [name, blob];
    });
  return { kind, tree: id, extra: new Map(extra) };
}
