import type { NoticeTarget } from '../context/context.ts';
import type { EndedRun } from '../notify/message.ts';
import type { World } from '../world.ts';

/** What telling others of an ended run needs. */
export interface TellingOthers {
  readonly run: EndedRun;
  readonly world: Pick<World, 'now' | 'stop'>;
  /** Masks secrets in what the host said. */
  readonly hide: (text: string) => string;
  readonly warn: (about: string, message: string) => void;
}

/**
 * Sends the notices of a run; what could not be delivered is a warning. Gives whether all was delivered. A run that was told to
 * stop tells nobody: who stopped it knows, and the seconds left belong to the host.
 */
export const tellOthers = async ({ run, world, hide, warn }: TellingOthers): Promise<boolean> => {
  const { notices } = run.context;
  const wasStopped = run.error?.code === 'terminated' || run.error?.code === 'interrupted';
  if (notices.length === 0 || wasStopped) return true;
  const [{ messageOf }, { sendNotices }] = await Promise.all([
    import('../notify/message.ts'),
    import('../notify/send.ts'),
  ]);
  const undelivered = await sendNotices(notices, messageOf(run, hide), {
    now: world.now(),
    stop: world.stop,
  });
  for (const { name, reason } of undelivered) {
    warn(`the notice to ${name}`, `it was not delivered: ${reason}. The work itself is not touched by that.`);
  }
  return undelivered.length === 0;
};

/** The notices that a run would send, in sentences for a dry run. */
export const promisedNotices = async (notices: readonly NoticeTarget[]): Promise<readonly string[]> => {
  if (notices.length === 0) return [];
  const { targetName } = await import('../notify/send.ts');
  return notices.map(
    (target) => `at the end a notice to ${targetName(target)} (on ${target.on.join(' and ')})`,
  );
};
