import type { Setting } from './setting.ts';

/** Merges the entries of a setting, the broadest first; those that are undefined are left out. */
export function mergeEntries(setting: Setting, entries: readonly unknown[]): unknown {
  const merge = setting.merge?.bind(setting) ?? mergeValues;
  return entries.reduce((wide, narrow) => {
    if (wide === undefined || narrow === undefined) return narrow ?? wide;
    return merge(wide, narrow);
  }, undefined);
}

/** Maps are merged key by key, at every depth; any other value is replaced by the narrower one. */
function mergeValues(wide: unknown, narrow: unknown): unknown {
  if (!isMap(wide) || !isMap(narrow)) return narrow;
  const merged = new Map(Object.entries(wide));
  for (const [key, value] of Object.entries(narrow))
    merged.set(key, merged.has(key) ? mergeValues(merged.get(key), value) : value);
  return Object.fromEntries(merged);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
