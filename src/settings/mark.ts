/** What an app's mark records of one setting. */
export interface MarkEntry {
  /**
   * The digest of its declaration. Empty for one that was about to be applied, so that it is not known what the app has;
   * `awaitingDeploy` if it also takes a deploy to count.
   */
  readonly digest: string;
  /** The hashes of the parts that were declared, or were about to be. */
  readonly parts: readonly string[];
}

/** Stands for the digest of a declaration that may be applied already, and that no deploy has made count yet. */
export const awaitingDeploy = 'deploy';

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
    ([key, entry]) => /^[a-z_]+$/.test(key) && /^([0-9a-f]{16}|deploy)?(\.[0-9a-f]{8})*$/.test(entry),
  );
  return new Map(
    entries.map(([key, entry]) => {
      const [digest = '', ...parts] = entry.split('.');
      return [key, { digest, parts }];
    }),
  );
}
