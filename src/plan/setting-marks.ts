import { awaitingDeploy, formatSettingsMark, type MarkEntry, type SettingsMark } from '../settings/mark.ts';
import type { Change } from '../settings/setting.ts';
import { settingsKey } from './keys.ts';

/** What a plan records of the settings, and when. */
export interface PlannedMarks {
  /** The record to write with the app's other marks, before anything is applied. Empty if it needs none. */
  readonly marks: Readonly<Record<string, string>>;
  /** The record to write once everything is applied; undefined if `marks` is it already. */
  readonly applied: SettingsMark | undefined;
  /** Whether an earlier run ended between a change and the deploy that makes it count. */
  readonly awaitsDeploy: boolean;
}

interface MarksInput {
  readonly changes: readonly (Pick<Change, 'effect'> & { readonly key: string })[];
  /** What the app's mark records. */
  readonly before: SettingsMark;
}

/**
 * Returns the records of a plan that applies what `applied` records. A key that is about to be changed is recorded without a digest
 * first: a run that is killed leaves the app half way, and the next one looks, whatever its file declares. If only a deploy makes the
 * change count, the record says so: the next run finds nothing to change any more, and must not skip its deploy.
 */
export function planMarks(applied: SettingsMark, { changes, before }: MarksInput): PlannedMarks {
  const waiting = [...before].filter(([, { digest }]) => digest === awaitingDeploy).map(([key]) => key);
  const needing = changes.filter(({ effect }) => effect === 'next-deploy').map(({ key }) => key);
  const digests = new Map([
    ...changes.map(({ key }) => [key, ''] as const),
    ...[...waiting, ...needing].map((key) => [key, awaitingDeploy] as const),
  ]);
  const dropped = [...before].filter(([key]) => digests.has(key) && !applied.has(key));
  const pending = [...dropped, ...applied].map(([key, entry]): [string, MarkEntry] => {
    const parts = new Set([...(before.get(key)?.parts ?? []), ...entry.parts]);
    const digest = digests.get(key);
    return [key, digest === undefined ? entry : { digest, parts: [...parts] }];
  });
  const isNeeded = pending.length > 0 || before.size > 0;
  return {
    marks: isNeeded ? { [settingsKey]: formatSettingsMark(new Map(pending)) } : {},
    applied: digests.size > 0 ? applied : undefined,
    awaitsDeploy: waiting.length > 0,
  };
}

/**
 * Returns the record to write once everything is applied, given what the app's mark records by then. If a key is not as this run has
 * recorded it before (`pending`), another job has changed the setting meanwhile, and it is not known which of the two came last: it is
 * recorded without a digest, so that the next run looks.
 */
export function reconcileMarks(
  applied: SettingsMark,
  { pending, found }: { readonly pending: SettingsMark; readonly found: SettingsMark },
): SettingsMark {
  const keys = [...new Set([...pending.keys(), ...found.keys()])];
  const changed = keys.filter(
    (key) => ![pending.get(key), applied.get(key)].some((entry) => isSameEntry(entry, found.get(key))),
  );
  const open = changed.map((key): [string, MarkEntry] => {
    const parts = new Set([...(found.get(key)?.parts ?? []), ...(applied.get(key)?.parts ?? [])]);
    const digest = found.get(key)?.digest === awaitingDeploy ? awaitingDeploy : '';
    return [key, { digest, parts: [...parts] }];
  });
  return new Map([...applied, ...open]);
}

function isSameEntry(one: MarkEntry | undefined, other: MarkEntry | undefined): boolean {
  const format = (entry: MarkEntry) => [entry.digest, ...entry.parts.toSorted()].join('.');
  return one !== undefined && other !== undefined && format(one) === format(other);
}
