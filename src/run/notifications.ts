import type { Context, MergeRequestAccess } from '../context/context.ts';
import { deliver } from '../notify/delivery.ts';
import { truncate } from '../notify/markup.ts';
import type { FinishedRun, Message } from '../notify/message.ts';
import type { DeliveryFailure } from '../notify/send.ts';
import type { StepRecord } from '../report/progress-tracker.ts';
import type { Redact } from '../report/redact.ts';
import type { World } from '../world.ts';

/** What is needed to notify people of a finished run. */
export interface NotifyOptions {
  readonly run: FinishedRun;
  readonly steps: readonly StepRecord[];
  readonly world: Pick<World, 'now' | 'stop'>;
  readonly redact: Redact;
  readonly warn: (about: string, message: string) => void;
  readonly hint: (message: string) => void;
  /** Whether the note may say that the app is being built. */
  readonly wasAnnounced?: boolean | undefined;
}

const maxReasonLength = 300;

/**
 * Writes the merge request note and sends the notifications of a run. A failed delivery is a warning. Returns whether everything
 * was delivered. A stopped run sends no notification: whoever stopped it knows. It still has two seconds to replace a note that the
 * app is being built, which would otherwise stay.
 */
export async function notifyAll(options: NotifyOptions): Promise<boolean> {
  const { run, world, redact, warn } = options;
  const { notifications, mergeRequest } = run.context;
  const wasStopped = run.error?.code === 'terminated' || run.error?.code === 'interrupted';
  if (notifications.length === 0 && !mergeRequest) return true;
  if (wasStopped && !options.wasAnnounced) return true;
  const [{ buildMessage }, { sendNotifications }] = await Promise.all([
    import('../notify/message.ts'),
    import('../notify/send.ts'),
  ]);
  const message = buildMessage(run, redact);
  const undelivered = await Promise.all([
    mergeRequest ? writeNote(mergeRequest, message, options) : [],
    sendNotifications(wasStopped ? [] : notifications, message, { now: world.now(), stop: world.stop }),
  ]);
  for (const { about, reason } of undelivered.flat()) {
    // Redact before truncating: the mask doesn't recognise half of a secret.
    const why = truncate(redact(reason), maxReasonLength).replace(/\.$/, '');
    warn(about, `it was not delivered: ${why}. The result of the run is not affected.`);
  }
  return undelivered.flat().length === 0;
}

const tokenHint =
  'set GITLAB_TOKEN (a project access token with the scope api, masked but not protected) to get a note with the URL in the merge request.';

async function writeNote(
  access: MergeRequestAccess,
  message: Message,
  { run, steps, world, hint }: NotifyOptions,
): Promise<readonly DeliveryFailure[]> {
  const { token } = access;
  if (!token) {
    if (access.isOpen && run.context.ships) hint(tokenHint);
    return [];
  }
  const [{ formatNote }, { writeStickyNote }] = await Promise.all([
    import('../notify/merge-request-note.ts'),
    import('../gitlab/sticky-note.ts'),
  ]);
  const note = {
    app: run.context.app,
    text: formatNote(message, steps),
    mode: run.context.ships ? ('write' as const) : ('update-only' as const),
    job: access.job,
  };
  const write = (signal: AbortSignal) => writeStickyNote({ ...access, token }, note, signal);
  const reason = await deliver(write, world.stop.aborted ? { timeout: 2_000 } : { stop: world.stop });
  return reason === undefined ? [] : [{ about: 'the merge request note', reason }];
}

/** Returns what a run would send at its end, as sentences for a dry run. */
export async function describeNotifications({
  notifications,
  mergeRequest,
}: Context): Promise<readonly string[]> {
  const note = mergeRequest?.token && mergeRequest.isOpen ? ['at the end: the merge request note'] : [];
  if (notifications.length === 0) return note;
  const { describeTarget } = await import('../notify/send.ts');
  const targets = notifications.map((target) => {
    const name = describeTarget(target);
    return target.kind === 'unusable'
      ? `${name} cannot be sent: ${target.reason}`
      : `at the end: ${name}, on ${target.on.join(' and ')}`;
  });
  return [...note, ...targets];
}
