import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Account } from './account.ts';
import { claimJob } from './claims.ts';

/** The folders of one job. Nothing secret is in them. */
export interface JobFolders {
  /** The files of the job, which its user owns. */
  readonly own: string;
  /** For the socket of its gate. Root owns it, so that the job cannot put a link in its place. */
  readonly gate: string;
}

/** Returns the folders of a job. */
export function jobFolders(state: string, job: number): JobFolders {
  const own = join(state, `job-${job}`);
  return { own, gate: `${own}.gate` };
}

/** Whether the job was prepared: the processes of its user are its own then. */
export function isPrepared({ own }: JobFolders): Promise<boolean> {
  return stat(own).then(
    () => true,
    () => false,
  );
}

/** Returns the folders of other jobs of a user, and those that were never handed over to one. */
export async function findOtherFolders({ own }: JobFolders, { uid }: Account): Promise<JobFolders[]> {
  const state = dirname(own);
  const names = (await readdir(state).catch(() => [])).filter((name) => /^job-\d+$/.test(name));
  const others = names.map((name) => join(state, name)).filter((path) => path !== own);
  const owners = await Promise.all(others.map((path) => stat(path).catch(() => undefined)));
  return others
    .filter((_, index) => owners[index]?.uid === uid || owners[index]?.uid === 0)
    .map((path) => ({ own: path, gate: `${path}.gate` }));
}

/**
 * Creates the folders of a job anew. `file` is the runner's description of it. Throws `configuration` if earlier ones cannot be removed.
 */
export async function createJobFolders(folders: JobFolders, account: Account, file: string): Promise<void> {
  await removeJobFolders(folders);
  await mkdir(folders.gate, { recursive: true, mode: 0o711 });
  await claimJob(folders.gate, file);
  const inner = ['builds', 'cache', 'home', 'tmp'].map((name) => join(folders.own, name));
  for (const folder of [folders.own, ...inner]) await mkdir(folder, { mode: 0o700 });
  // The outer one last: its user could replace a folder in it by a link, and root would hand over what that points to.
  for (const folder of [...inner, folders.own]) await chown(folder, account.uid, account.gid);
}

/** Removes everything of a job. Throws `configuration` if files of other users are among it. */
export async function removeJobFolders(folders: JobFolders): Promise<void> {
  await rm(folders.gate, { recursive: true, force: true });
  const found = await stat(folders.own).catch(() => undefined);
  if (!found) return;
  // Until it is handed over, no other user can have put anything into it.
  if (found.uid === 0) return await rm(folders.own, { recursive: true });
  await emptyAs(found, folders.own);
  await rmdir(folders.own).catch((error: Error) => {
    throw new DeployError('configuration', {
      message: `The folder of a job cannot be removed: ${error.message}.`,
      remedy: 'Look at what is left in it: only the user of jobs should have written there.',
    });
  });
}

/**
 * Removes what is in a folder with the rights of its user. As root, a path that was a folder a moment ago can be a link to any folder of the
 * machine by the time its files are removed: Node's `rm` follows it.
 */
async function emptyAs({ uid, gid }: Pick<Account, 'uid' | 'gid'>, folder: string): Promise<void> {
  // A tool's cache can be write-protected. The folder itself stays: its user cannot write to the one above it.
  const script = 'chmod -R u+rwx -- "$1"; rm -rf -- "$1"';
  const child = spawn('/bin/bash', ['-c', script, 'bash', folder], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    uid,
    gid,
    stdio: 'ignore',
  });
  await once(child, 'exit');
}
