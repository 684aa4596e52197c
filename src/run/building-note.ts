import type { Context } from '../context/context.ts';
import { deliver } from '../notify/delivery.ts';
import type { World } from '../world.ts';

/** The note about a run that has started. */
export interface BuildingNote {
  /** Ends the attempt to write it. Resolves when nothing is being written any more, with whether it may have been written. */
  readonly settle: () => Promise<boolean>;
}

/**
 * Starts to write a note into the merge request that the review app is being built. A failure is not reported here: the note about
 * the result will fail in the same way.
 */
export function announceBuild(context: Context, { now, stop }: Pick<World, 'now' | 'stop'>): BuildingNote {
  const { mergeRequest: access } = context;
  const token = access?.token;
  if (!access || !token || context.command !== 'review start') return { settle: async () => false };
  const end = new AbortController();
  const writing = write();
  return {
    settle: () => {
      end.abort();
      return writing;
    },
  };

  async function write(): Promise<boolean> {
    const [{ formatBuildingNote }, { writeStickyNote }] = await Promise.all([
      import('../notify/merge-request-note.ts'),
      import('../gitlab/sticky-note.ts'),
    ]);
    const commit = context.job.merged?.commit ?? context.source.commit;
    const text = formatBuildingNote({ app: context.app, commit, jobUrl: context.job.url, at: now() });
    const note = { app: context.app, text, mode: 'write' as const, job: access?.job };
    const limits = { stop: AbortSignal.any([stop, end.signal]) };
    if (access && token)
      await deliver((signal) => writeStickyNote({ ...access, token }, note, signal), limits);
    return true;
  }
}
