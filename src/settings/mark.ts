/**
 * What an app's mark records of its settings: the digest of each key's declaration. An empty digest is one that was about to be
 * applied: what the app has is not known.
 */
export type SettingsMark = ReadonlyMap<string, string>;

/** Formats the mark as a value of the app's configuration: `domains=0123456789abcdef&scale=…`, sorted. */
export function formatSettingsMark(mark: SettingsMark): string {
  return new URLSearchParams([...mark].sort(([a], [b]) => (a < b ? -1 : 1))).toString();
}

/** Reads a mark. What this tool would not write is left out: an entry by another hand makes no key declared. */
export function parseSettingsMark(value: string): SettingsMark {
  const entries = [...new URLSearchParams(value)];
  return new Map(
    entries.filter(([key, digest]) => /^[a-z_]+$/.test(key) && /^([0-9a-f]{16})?$/.test(digest)),
  );
}
