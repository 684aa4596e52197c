/** What an app's mark records of one setting. */
export interface MarkEntry {
  /** The digest of its declaration; empty for one that was about to be applied: what the app has is not known. */
  readonly digest: string;
  /** The hashes of the parts that were declared, or were about to be. */
  readonly parts: readonly string[];
}

/** What an app's mark records of its settings, by key. */
export type SettingsMark = ReadonlyMap<string, MarkEntry>;

/** Formats the mark as a value of the app's configuration: `domains=0123456789abcdef&storage=….01234567.89abcdef`, sorted. */
export function formatSettingsMark(mark: SettingsMark): string {
  const entries = [...mark].map(([key, { digest, parts }]) => [key, [digest, ...parts].join('.')]);
  return new URLSearchParams(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))).toString();
}

/** Reads a mark. What this tool would not write is left out: an entry by another hand makes no key declared. */
export function parseSettingsMark(value: string): SettingsMark {
  const entries = [...new URLSearchParams(value)].filter(
    ([key, entry]) => /^[a-z_]+$/.test(key) && /^([0-9a-f]{16})?(\.[0-9a-f]{8})*$/.test(entry),
  );
  return new Map(
    entries.map(([key, entry]) => {
      const [digest = '', ...parts] = entry.split('.');
      return [key, { digest, parts }];
    }),
  );
}
