import { formatAddress } from '../access/host-address.ts';
import { removeLock, writeLock } from '../apply/lock.ts';
import { alreadyLockedError, describeLock, type Lock, readLock } from '../plan/lock.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { observeApp } from './observe-app.ts';
import type { RunContext } from './run-context.ts';

/** What `lock` and `unlock` print. */
interface LockReport {
  readonly version: 1;
  readonly app: string;
  readonly environment: string | undefined;
  readonly host: string | undefined;
  readonly locked: boolean;
  /** The lock that the app has, or had before `unlock`; undefined if it had none. */
  readonly lock: Lock | undefined;
}

/**
 * Locks an environment's app, so that nothing is deployed to it. A deploy that the host has begun is not stopped. Returns the exit code.
 *
 * Throws `locked` if the app has another lock, `host-refused` if there is no such app, `app-not-ours`, and what `writeLock` throws.
 */
export async function lockApp(run: RunContext): Promise<number> {
  const { context, reporter, world } = run;
  const { app, hostState, hostAccess } = await observeApp(run);
  const { user: by, url: job } = context.job;
  const wanted = { reason: context.lockReason ?? '', by, at: new Date(world.now()).toISOString(), job };
  const lock = readLock(app.config) ?? (await writeLock(context.app, wanted, hostAccess));
  if (lock.reason !== wanted.reason || lock.by !== by) throw alreadyLockedError(context, lock);
  if (hostState.isBuilding) reporter.warn(context.app, 'a deploy is running, and the lock does not stop it');
  return printReport(run, { locked: true, lock });
}

/**
 * Removes the lock of an environment's app. Returns the exit code, also if there is none.
 *
 * Throws `host-refused` if there is no such app, `app-not-ours`, and what `removeLock` throws.
 */
export async function unlockApp(run: RunContext): Promise<number> {
  const { app, hostAccess } = await observeApp(run);
  const lock = readLock(app.config);
  if (lock !== undefined) await removeLock(run.context.app, hostAccess);
  return printReport(run, { locked: false, lock });
}

function printReport(
  { context, reporter }: RunContext,
  outcome: Pick<LockReport, 'locked' | 'lock'>,
): number {
  const { app, environment, access } = context;
  const host = access && formatAddress(access.address);
  const report: LockReport = { version: 1, app, environment, host, ...outcome };
  reporter.print(report, formatText);
  return 0;
}

function formatText({ app, host, locked, lock }: LockReport): string {
  const text = lock === undefined ? '' : describeLock(lock);
  const line = locked
    ? `${app} on ${host} is ${text}`
    : `${app} on ${host} ${lock ? `is unlocked; it was ${text}` : 'was not locked'}`;
  return `${sanitizeText(line).replace(/\s+/g, ' ')}\n`;
}
