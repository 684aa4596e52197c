import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { ChildEnv } from './process.ts';
import { openRepository } from './repository.ts';

/**
 * Returns the paths of the files of the source's commit that differ from a base, or that the base lacks. `parent`
 * stands for the commit's first parent. Undefined if the clone lacks one of the two. Throws what `openRepository` throws, except for a
 * missing one.
 */
export async function listChangedFiles(
  source: Source,
  base: string,
  childEnv: ChildEnv,
): Promise<readonly string[] | undefined> {
  try {
    await using repository = await openRepository(source, childEnv);
    const { git, commit } = repository;
    const from = base === 'parent' ? `${commit.id}^1` : base;
    if (!/^[0-9a-f]{40,64}(\^1)?$/.test(from)) return undefined;
    const options = ['-r', '-z', '--name-only', '--no-renames', '--diff-filter=d'];
    const result = await git.run(['diff-tree', ...options, from, commit.id]);
    return result.kind === 'ok' ? result.stdout.toString().split('\0').slice(0, -1) : undefined;
  } catch (error) {
    if (error instanceof DeployError) return undefined;
    throw error;
  }
}
