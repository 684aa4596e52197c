import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Account } from './account.ts';

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

/** Creates the folders of a job anew. Throws `configuration` if earlier ones cannot be removed. */
export async function createJobFolders(folders: JobFolders, account: Account): Promise<void> {
  await removeJobFolders(folders, account);
  await mkdir(folders.gate, { recursive: true, mode: 0o711 });
  const inner = ['builds', 'cache', 'home', 'tmp'].map((name) => join(folders.own, name));
  for (const folder of [folders.own, ...inner]) await mkdir(folder, { mode: 0o700 });
  // The outer one last: its user could replace a folder in it by a link, and root would hand over what that points to.
  for (const folder of [...inner, folders.own]) await chown(folder, account.uid, account.gid);
}

/** Removes everything of a job. Throws `configuration` if files of other users are among it. */
export async function removeJobFolders(folders: JobFolders, account: Account): Promise<void> {
  await rm(folders.gate, { recursive: true, force: true });
  if (!(await isPrepared(folders))) return;
  await emptyAs(account, folders.own);
  await rmdir(folders.own).catch((error: Error) => {
    throw new DeployError('configuration', {
      message: `The folder of a job cannot be removed: ${error.message}.`,
      remedy: `Look at what is left in it. Files of other users are not removed: only ${account.name} should have written there.`,
    });
  });
}

/**
 * Removes what is in a folder with the rights of its user. As root, a path that was a folder a moment ago can be a link to any folder of the
 * machine by the time its files are removed: Node's `rm` follows it.
 */
async function emptyAs({ uid, gid }: Account, folder: string): Promise<void> {
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
