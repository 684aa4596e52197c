import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What shows that a runner still has a job. */
const claimSchema = z.object({
  /** The runner's description of the job, which it removes with the job, even if `cleanup` fails. */
  file: z.string(),
  /** The processes above the driver: a runner that was killed leaves the file behind. */
  ancestors: z.array(z.object({ pid: z.number(), started: z.string() })),
});

/** Records in a folder, which only root can write to, that the runner has a job. */
export async function claimJob(folder: string, file: string): Promise<void> {
  const claim: z.infer<typeof claimSchema> = { file, ancestors: await findAncestors() };
  await writeFile(claimPath(folder), JSON.stringify(claim), { mode: 0o600 });
}

/** Whether a runner still has the job that is recorded in a folder. */
export async function isClaimed(folder: string): Promise<boolean> {
  const text = await readFile(claimPath(folder), 'utf8').catch(() => undefined);
  const read = claimSchema.safeParse(parseJson(text));
  if (!read.success) return false;
  const { file, ancestors } = read.data;
  if (!(await stat(file).catch(() => undefined))) return false;
  const found = await Promise.all(ancestors.map(({ pid }) => readProcess(pid)));
  return found.some((one, index) => one?.started === ancestors[index]?.started);
}

function claimPath(folder: string): string {
  return join(folder, 'claim.json');
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    // The driver was killed while it wrote.
    return undefined;
  }
}

/** Returns the processes above this one, without the first of the machine: that one outlives every runner. */
async function findAncestors(): Promise<{ pid: number; started: string }[]> {
  const ancestors: { pid: number; started: string }[] = [];
  let pid = (await readProcess('self'))?.parent ?? 0;
  while (pid > 1) {
    const found = await readProcess(pid);
    if (!found) break;
    ancestors.push({ pid, started: found.started });
    pid = found.parent;
  }
  return ancestors;
}

/** Reads a process; `started` tells it from a later one of the same number. See proc_pid_stat(5): its name can have any characters. */
async function readProcess(
  pid: number | 'self',
): Promise<{ readonly parent: number; readonly started: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z') return undefined;
  return { parent: Number(fields[1]), started: fields[19] ?? '' };
}
