import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DeployError } from '../errors.ts';
import { formatSavedPlan, parseSavedPlan, type SavedPlan } from '../plan/saved-plan.ts';
import type { World } from '../world.ts';
import { writeArtifactFile } from './artifact-file.ts';
import { pickChildEnv } from './child-env.ts';

/** Writes a plan to a file. Throws `usage` if it could not be written: a later job would apply an older one. */
export async function writeSavedPlan(
  path: string,
  saved: SavedPlan,
  world: Pick<World, 'cwd' | 'env'>,
): Promise<void> {
  const isOwn = (text: string) => parseSavedPlan(text) !== undefined;
  const reason = await writeArtifactFile(
    { path, text: formatSavedPlan(saved), isOwn },
    { cwd: world.cwd, childEnv: pickChildEnv(world) },
  );
  if (reason === undefined) return;
  throw new DeployError('usage', {
    message: `--plan-out: ${path} was not written: ${reason}.`,
    remedy: 'Choose another path.',
  });
}

/** Bytes. */
const maxSize = 1_000_000;

/** Reads a plan from a file. Throws `usage` for a file that is missing or is not a saved plan. */
export async function readSavedPlan(path: string, { cwd }: Pick<World, 'cwd'>): Promise<SavedPlan> {
  const saved = await readText(resolve(cwd, path)).then(parseSavedPlan, () => undefined);
  if (saved) return saved;
  throw new DeployError('usage', {
    message: `--plan: ${path} is not a plan that dokku-deploy saved.`,
    remedy: 'Make it with --dry-run --plan-out FILE, and pass it to this job as an artifact.',
  });
}

async function readText(path: string): Promise<string> {
  const about = await stat(path);
  return about.isFile() && about.size <= maxSize ? await readFile(path, 'utf8') : '';
}
