import type { Context } from '../context/context.ts';
import { type HostState, runningVersion } from '../plan/host-state.ts';
import { compareCommits } from '../source/ancestry.ts';
import type { ChildEnv } from '../source/process.ts';

/** Adds to the state of the host how the job's commit relates to the recorded one. Throws what `compareCommits` throws. */
export async function addCommitOrder(
  { ships, source }: Context,
  hostState: HostState,
  childEnv: ChildEnv,
): Promise<HostState> {
  const { record } = runningVersion(hostState);
  if (!ships || record === undefined) return hostState;
  const { commit: id, committedAt } = record;
  return { ...hostState, order: await compareCommits(source, { id, committedAt }, childEnv) };
}
