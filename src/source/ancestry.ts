import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { CommitOrder } from '../plan/host-state.ts';
import type { Git } from './git.ts';
import { readObjects } from './objects.ts';
import type { ChildEnv } from './process.ts';
import { openRepository, type Repository } from './repository.ts';

/** A commit by its full id, and when it was committed (ISO 8601) if that is known. */
export interface DatedCommit {
  readonly id: string;
  readonly committedAt: string | undefined;
}

/**
 * Returns how the source's commit relates to another one: `newer` if it descends from it, `older` if it is an ancestor.
 * The history in the clone decides; the dates decide only where the clone lacks that history. Fetches nothing, not even
 * in a partial clone.
 *
 * Throws `source-failed`.
 */
export async function compareCommits(
  source: Source,
  other: DatedCommit,
  childEnv: ChildEnv,
): Promise<CommitOrder> {
  const { commit } = source;
  if (commit === undefined) return 'unknown';
  if (commit === other.id) return 'same';
  return (await compareByHistory(source, commit, other.id, childEnv)) ?? compareByDate(source, other);
}

async function compareByHistory(
  source: Source,
  commit: string,
  other: string,
  childEnv: ChildEnv,
): Promise<CommitOrder | undefined> {
  if (!fullId.test(other)) return undefined;
  // Its git has no remote to fetch from, and sees no replaced commits.
  const opened = await openRepository(source, childEnv).catch(ignoreMissing);
  if (opened === undefined) return undefined;
  await using repository = opened;
  const { git, isShallow } = repository;
  const isDescendant = await isAncestor(git, other, commit);
  if (isDescendant) return 'newer';
  const isPredecessor = await isAncestor(git, commit, other);
  if (isPredecessor) return 'older';
  if (isShallow) return (await isBeyondBoundary(repository, { commit, other })) ? 'newer' : undefined;
  return isDescendant === false && isPredecessor === false ? 'unrelated' : undefined;
}

/** A job that ships an image needs no checkout. */
function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof DeployError) || error.code !== 'not-a-repository') throw error;
}

const fullId = /^[0-9a-f]{40}$/;

/** Undefined: the clone does not have one of the two. */
async function isAncestor(git: Git, ancestor: string, commit: string): Promise<boolean | undefined> {
  const result = await git.run(['merge-base', '--is-ancestor', ancestor, commit]);
  if (result.kind === 'ok') return true;
  return result.exit === 1 ? false : undefined;
}

/** Whether a commit is the first one that a shallow clone of another lacks: the commits at its end still name their parents. */
async function isBeyondBoundary(
  { git, scratch }: Repository,
  { commit, other }: { readonly commit: string; readonly other: string },
): Promise<boolean> {
  const boundary = (await readFile(join(scratch, 'shallow'), 'utf8')).split('\n');
  for await (const object of readObjects(
    git,
    boundary.filter((line) => fullId.test(line)),
  )) {
    const headers = object?.content.toString('latin1').split('\n\n', 1)[0] ?? '';
    if (headers.split('\n').includes(`parent ${other}`) && (await isAncestor(git, object?.id ?? '', commit)))
      return true;
  }
  return false;
}

function compareByDate({ committedAt }: Source, other: DatedCommit): CommitOrder {
  const [own, others] = [committedAt, other.committedAt].map((date) => Date.parse(date ?? ''));
  if (own === undefined || others === undefined || Number.isNaN(own - others) || own === others)
    return 'unknown';
  return own > others ? 'newer' : 'older';
}
