import type { Context, Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { type HostState, runningVersion } from '../plan/host-state.ts';
import { findPromoted } from '../plan/promoted-release.ts';
import { listAddedCommits } from '../source/added-commits.ts';
import { compareCommits } from '../source/ancestry.ts';
import type { ChildEnv } from '../source/process.ts';

/**
 * Adds to the state of the host how the job's commit relates to the recorded one; for a promotion, what is promoted, and the
 * commits that it adds. Throws what `compareCommits` throws.
 */
export async function addCommitOrder(
  context: Context,
  hostState: HostState,
  childEnv: ChildEnv,
): Promise<HostState> {
  const { record } = runningVersion(hostState);
  const source = findSource(context, hostState);
  if (source === undefined || record === undefined) return hostState;
  const { commit: id, committedAt } = record;
  const order = await compareCommits(source, { id, committedAt }, childEnv);
  if (context.promotion === undefined) return { ...hostState, order };
  return { ...hostState, order, added: await listAddedCommits(source, id, childEnv) };
}

/** Returns the job's source, or what a promotion takes from another app; undefined for what cannot be promoted: its plan says why. */
function findSource(context: Context, hostState: HostState): Source | undefined {
  const { ships, source, promotion } = context;
  if (promotion === undefined) return ships ? source : undefined;
  try {
    const { commit, committedAt } = findPromoted(context, hostState);
    return { ...source, commit, committedAt };
  } catch (error) {
    if (error instanceof DeployError) return undefined;
    throw error;
  }
}
