import { z } from 'zod';
import type { Command } from '../dokku/command.ts';
import {
  type AppMount,
  createStorageEntry,
  listStorageEntries,
  type Mount,
  mountCommand,
  readMounts,
  reportMounts,
  unmountCommand,
} from '../dokku/storage.ts';
import { readColumn, readReport } from './report.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';
import { type DeclaredMount, type MountEntry, mountSchema, resolveMount } from './storage-entry.ts';

const schema = z
  .array(mountSchema)
  .describe(
    'The folders of the host that the app’s containers have. A mount that is removed here is removed from the app; its folder and its data always stay, even if a review app is removed. Mounts that the file never declared are left alone. Counts from the next deploy.',
  );

interface AppStorage {
  readonly mounts: readonly AppMount[];
  /** The names of the host's entries; undefined if they are not known. */
  readonly entries: readonly string[] | undefined;
}

/** `storage`: the folders of the host in the app's containers. */
export const storage: Setting<MountEntry[], readonly DeclaredMount[], AppStorage> = {
  key: 'storage',
  schema,
  resolve,
  parts: (declared) => declared.map(mountId),
  questions: (app, declared) => [
    reportMounts(app),
    ...(declared?.some(({ kind }) => kind === 'entry') ? [listStorageEntries()] : []),
  ],
  read: ([mounts, entries], app) => ({
    mounts: readMounts(readReport(mounts, reportMounts(app))),
    entries: entries && readColumn(entries, listStorageEntries(), 'name'),
  }),
  declare: ({ mounts }) => {
    const own = mounts.filter(({ isPlain }) => isPlain);
    return own.length === 0 ? undefined : own.map(declareMount);
  },
  fresh: () => ({ mounts: [], entries: undefined }),
  changes,
};

function declareMount({ kind, source, path, isReadonly }: AppMount): MountEntry {
  const where = kind === 'entry' ? { name: source } : { folder: source };
  return { ...where, mount: path, ...(isReadonly ? { readonly: true } : {}) };
}

function resolve(entry: readonly MountEntry[], resolver: SettingResolver): readonly DeclaredMount[] {
  const mounts = entry.map((one, index) => resolveMount(one, String(index), resolver));
  for (const [index, mount] of mounts.entries()) {
    const isTaken = mounts.slice(0, index).some((earlier) => earlier?.path === mount?.path);
    if (mount && isTaken)
      resolver.problem(
        String(index),
        `another entry is mounted at ${mount.path}, too: every deploy would fail`,
        'Mount each at a path of its own.',
      );
  }
  return mounts.filter((mount) => mount !== undefined);
}

/** Returns what stands for a mount in the app's mark. */
function mountId({ kind, source, path }: Mount): string {
  return `${kind} ${source}:${path}`;
}

function changes(
  app: string,
  current: AppStorage,
  declared: readonly DeclaredMount[] = [],
  known: Known,
): Change[] {
  const removed = current.mounts.filter((mount) => mustGo(mount, declared, known));
  const added = declared.filter((mount) => !current.mounts.some((one) => isSame(one, mount)));
  if (removed.length + added.length === 0) return [];
  const kept = current.mounts.filter((mount) => !removed.includes(mount));
  const stays = kept.filter((mount) => !added.some(({ path }) => path === mount.path));
  return [
    {
      id: 'storage',
      title: `Set the mounts of ${app}`,
      before: describe(current.mounts),
      after: describe([...stays, ...added]),
      commands: [
        ...createEntries(added, current),
        ...removed.map((mount) => unmountCommand(app, mount)),
        ...added.map((mount) => mountCommand(app, mount)),
      ],
      phase: 'before-deploy',
      effect: 'next-deploy',
      repeat: 'what is mounted stays so, and what is unmounted, too; no folder is touched',
    },
  ];
}

/**
 * A mount goes if the file has declared it before, or if it is in the way of a declared one: two at one path make every deploy fail.
 * One of the same entry is changed in place.
 */
function mustGo(mount: AppMount, declared: readonly DeclaredMount[], known: Known): boolean {
  const wanted = declared.find(({ path }) => path === mount.path);
  if (wanted === undefined) return known.wasDeclared(mountId(mount));
  const isUpdated = wanted.kind === 'entry' && mountId(wanted) === mountId(mount) && mount.isPlain;
  return !isSame(mount, wanted) && !isUpdated;
}

function isSame(mount: AppMount, declared: DeclaredMount): boolean {
  return mount.isPlain && mountId(mount) === mountId(declared) && mount.isReadonly === declared.isReadonly;
}

function createEntries(added: readonly DeclaredMount[], { mounts, entries }: AppStorage): Command[] {
  const names = new Map(
    added.flatMap(({ kind, source, chown }) => (kind === 'entry' ? [[source, chown]] : [])),
  );
  const isKnown = (name: string) =>
    entries?.includes(name) || mounts.some(({ kind, source }) => kind === 'entry' && source === name);
  return [...names]
    .filter(([name]) => !isKnown(name))
    .map(([name, chown]) => createStorageEntry(name, chown));
}

function describe(mounts: readonly Mount[]): string {
  if (mounts.length === 0) return 'none';
  return mounts
    .map(({ source, path, isReadonly }) => `${source}:${path}${isReadonly ? ':ro' : ''}`)
    .join(', ');
}
