import { formatAddress } from '../access/host-address.ts';
import { removeLock, writeLock } from '../apply/lock.ts';
import { observeHost } from '../apply/observe.ts';
import type { Context } from '../context/context.ts';
import { checkOwner } from '../plan/environment-owner.ts';
import type { HostState } from '../plan/host-state.ts';
import { alreadyLockedError, describeLock, type Lock, readLock } from '../plan/lock.ts';
import { missingAppError } from '../plan/missing-app.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { createHostAccess, type RunContext, reportWarnings } from './run-context.ts';

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
  const { found, isBuilding, hostAccess } = await readCurrentLock(run);
  const { user: by, url: job } = context.job;
  const wanted = { reason: context.lockReason ?? '', by, at: new Date(world.now()).toISOString(), job };
  const lock = found ?? (await writeLock(context.app, wanted, hostAccess));
  if (lock.reason !== wanted.reason || lock.by !== by) throw alreadyLockedError(context, lock);
  if (isBuilding) reporter.warn(context.app, 'a deploy is running, and the lock does not stop it');
  return printReport(run, { locked: true, lock });
}

/**
 * Removes the lock of an environment's app. Returns the exit code, also if there is none.
 *
 * Throws `host-refused` if there is no such app, `app-not-ours`, and what `removeLock` throws.
 */
export async function unlockApp(run: RunContext): Promise<number> {
  const { found, hostAccess } = await readCurrentLock(run);
  if (found !== undefined) await removeLock(run.context.app, hostAccess);
  return printReport(run, { locked: false, lock: found });
}

/** Reads the lock that the app has. Only its own project and environment may change it. */
async function readCurrentLock(run: RunContext) {
  const { context, host } = run;
  if (!host) throw new Error('a lock is on a host');
  reportWarnings(run);
  const hostAccess = createHostAccess(run, host);
  const hostState: HostState = await observeHost(context, hostAccess);
  const { app = 'absent', isBuilding = false } = hostState;
  if (app === 'absent') throw missingAppError(context);
  checkOwner({ ...context, takeOver: false }, app);
  return { found: readLock(app.config), isBuilding, hostAccess };
}

function printReport(
  { context, reporter, flags }: RunContext,
  outcome: Pick<LockReport, 'locked' | 'lock'>,
): number {
  const { app, environment } = context;
  const report: LockReport = { version: 1, app, environment, host: addressOf(context), ...outcome };
  reporter.print(report, flags.format === 'json' ? formatJson : formatText);
  return 0;
}

function addressOf({ access }: Context): string | undefined {
  return access && formatAddress(access.address);
}

function formatJson(report: LockReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

function formatText({ app, host, locked, lock }: LockReport): string {
  const text = lock === undefined ? '' : describeLock(lock);
  const line = locked
    ? `${app} on ${host} is ${text}`
    : `${app} on ${host} ${lock ? `is unlocked; it was ${text}` : 'was not locked'}`;
  return `${sanitizeText(line).replace(/\s+/g, ' ')}\n`;
}
