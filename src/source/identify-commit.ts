import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { ChildEnv } from './process.ts';
import { openRepository } from './repository.ts';
import type { FoundCommit } from './ship.ts';

/** The commit that an image was built from, and its date if the repository is there. */
export type IdentifiedCommit = Pick<Source, 'commit' | 'committedAt' | 'subject'> &
  Pick<FoundCommit, 'extra'>;

/**
 * Identifies the commit of a job that ships none of its files. Such a job needs no checkout (`GIT_STRATEGY: none`), only the
 * commit's id.
 *
 * Throws `source-failed`, and `not-a-repository` for a job that names no commit either.
 */
export async function identifyCommit(
  source: Source,
  childEnv: ChildEnv,
): Promise<{ readonly found: IdentifiedCommit; readonly warnings: []; readonly notes: [] }> {
  try {
    await using repository = await openRepository(source, childEnv);
    const { id, committedAt, subject } = repository.commit;
    return { found: { commit: id, committedAt, subject, extra: {} }, warnings: [], notes: [] };
  } catch (error) {
    const hasNoRepository = error instanceof DeployError && error.code === 'not-a-repository';
    if (!hasNoRepository || source.commit === undefined) throw error;
    const { commit, committedAt } = source;
    const found = { commit, committedAt, extra: {} };
    return { found, warnings: [], notes: [] };
  }
}
