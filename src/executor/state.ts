import { chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Creates the folders of a job anew. */
export async function createJobFolders(folders: JobFolders, { uid, gid }: Account): Promise<void> {
  await removeJobFolders(folders);
  await mkdir(folders.gate, { recursive: true, mode: 0o711 });
  for (const folder of [
    folders.own,
    ...['builds', 'cache', 'home', 'tmp'].map((name) => join(folders.own, name)),
  ]) {
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, uid, gid);
  }
}

/** Removes everything of a job. */
export async function removeJobFolders({ own, gate }: JobFolders): Promise<void> {
  await rm(gate, { recursive: true, force: true });
  await rm(own, { recursive: true, force: true });
}
