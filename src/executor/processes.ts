import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sends a signal to a process. Ends without an error if there is none. */
export type Kill = (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;

/** Milliseconds after which a process that was killed is left alone: it may wait for a device that never answers. */
const killTime = 5_000;

/** Ends all processes of a user: asks them to, and kills those that are left after so many milliseconds. */
export async function endProcesses(uid: number, kill: Kill, patience: number): Promise<void> {
  const end = performance.now() + patience;
  for (const pid of await findProcesses(uid)) kill(pid, 'SIGTERM');
  for (;;) {
    const left = await findProcesses(uid);
    if (left.length === 0 || performance.now() >= end + killTime) return;
    if (performance.now() >= end) for (const pid of left) kill(pid, 'SIGKILL');
    await sleep(20);
  }
}

/** Returns the running processes of a user. */
export async function findProcesses(uid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const own = await Promise.all(pids.map((pid) => runsAs(pid, uid)));
  return pids.filter((_, index) => own[index]);
}

/** One that has ended, and waits for its parent, is not running. A process can end while it is looked at. */
async function runsAs(pid: number, uid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const uids = /^Uid:\t(.*)/m.exec(status)?.[1]?.split('\t') ?? [];
  return uids.includes(String(uid)) && !/^State:\t[ZX]/m.test(status);
}
