import { isRecord } from './json-document.ts';

/** What a review app runs. `preview`: only its web processes. `full`: all that app.json says. */
export type ReviewProfile = 'preview' | 'full';

/** A review app's app.json, and what was turned off in it. */
export interface ProfiledAppJson {
  readonly content: Readonly<Record<string, unknown>>;
  /** Types of processes, and `cron`. */
  readonly off: readonly string[];
}

/**
 * Turns off what a preview does not need: processes other than `web` in `formation`, and `cron`. What `environments.review`
 * (`ownKeys`) declares stays, and so does a formation without a web process.
 */
export function applyReviewProfile(
  content: Readonly<Record<string, unknown>>,
  { profile, ownKeys }: { readonly profile: ReviewProfile; readonly ownKeys: readonly string[] },
): ProfiledAppJson {
  if (profile === 'full') return { content, off: [] };
  const formation = ownKeys.includes('formation') ? undefined : previewFormation(content.formation);
  const hasCron = Array.isArray(content.cron) && content.cron.length > 0 && !ownKeys.includes('cron');
  const { cron, ...rest } = content;
  return {
    content: { ...(hasCron ? rest : content), ...(formation ? { formation: formation.value } : {}) },
    off: [...(formation?.off ?? []), ...(hasCron ? ['cron'] : [])],
  };
}

/** Returns undefined for a formation that stays as it is. */
function previewFormation(
  formation: unknown,
): { readonly value: Readonly<Record<string, unknown>>; readonly off: readonly string[] } | undefined {
  if (!isRecord(formation) || !runs(formation.web)) return undefined;
  const off = Object.keys(formation).filter((type) => type !== 'web' && runs(formation[type]));
  const stopped = off.map((type) => [type, { ...(formation[type] as object), quantity: 0 }]);
  return off.length === 0 ? undefined : { value: { ...formation, ...Object.fromEntries(stopped) }, off };
}

function runs(entry: unknown): boolean {
  return isRecord(entry) && entry.quantity !== 0;
}
