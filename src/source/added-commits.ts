import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { AddedCommits } from '../plan/host-state.ts';
import { parseCommit } from './commit.ts';
import { readObject } from './objects.ts';
import type { ChildEnv } from './process.ts';
import { openRepository } from './repository.ts';

/** How many subjects are read. */
const maxSubjects = 10;

/**
 * Returns the commits that the source's commit has and another one does not, the newest first; undefined if the clone lacks one of
 * the two or is shallow, so that they could not be counted. Throws what `openRepository` throws, except for a missing one.
 */
export async function listAddedCommits(
  source: Source,
  since: string,
  childEnv: ChildEnv,
): Promise<AddedCommits | undefined> {
  if (![source.commit, since].every((id) => /^[0-9a-f]{40}$/.test(id ?? ''))) return undefined;
  try {
    await using repository = await openRepository(source, childEnv);
    const { git, isShallow } = repository;
    if (isShallow) return undefined;
    const result = await git.run(['rev-list', `${since}..${source.commit}`]);
    if (result.kind !== 'ok') return undefined;
    const ids = result.stdout.toString().split('\n').slice(0, -1);
    const subjects: string[] = [];
    for (const id of ids.slice(0, maxSubjects)) {
      const { subject } = parseCommit(await readObject(git, id));
      subjects.push(`${id.slice(0, 8)} ${subject.slice(0, 100)}`);
    }
    return { count: ids.length, subjects };
  } catch (error) {
    if (error instanceof DeployError) return undefined;
    throw error;
  }
}
