import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';

/** Where programs of a user are kept that run without one of its processes: crontabs (Debian, others), and services after the logout. */
const ownPlaces = [
  'var/spool/cron/crontabs',
  'var/spool/cron',
  'var/spool/cron/tabs',
  'var/lib/systemd/linger',
];

/** Where the jobs of `at` are, whose names say nothing about their user (Debian, others). */
const sharedPlaces = ['var/spool/cron/atjobs', 'var/spool/at', 'var/spool/atjobs'];

/**
 * Returns the files by which a user has programs started later: by cron, at or systemd. `root` is the folder above them.
 */
export async function findTimers(
  { name, uid }: Pick<Account, 'name' | 'uid'>,
  root = '/',
): Promise<string[]> {
  const own = ownPlaces.map((place) => join(root, place, name));
  const shared = await Promise.all(sharedPlaces.map((place) => listFiles(join(root, place))));
  const found = await Promise.all([
    ...own.map(async (path) => ((await ownerOf(path)) === undefined ? [] : [path])),
    ...shared.flat().map(async (path) => ((await ownerOf(path)) === uid ? [path] : [])),
  ]);
  return found.flat();
}

async function listFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

/** Returns the owner of a file; undefined without one. A job of `at` can begin while it is looked for. */
function ownerOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? found.uid : undefined),
    () => undefined,
  );
}
