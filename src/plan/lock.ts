import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { isOwnEnvironmentApp } from './environment-owner.ts';
import type { HostState } from './host-state.ts';
import { lockKey, ownerKey } from './keys.ts';
import type { Plan } from './plan.ts';

/** Why nothing may be deployed to an environment's app, and who locked it when. What is not known is undefined. */
export interface Lock {
  readonly reason: string;
  readonly by: string | undefined;
  /** ISO 8601 in UTC. */
  readonly at: string | undefined;
  /** The page of the job. */
  readonly job: string | undefined;
}

/** Formats a lock as a value of the app's configuration, in the URL form of a review app's marker. */
export function formatLock({ reason, by, at, job }: Lock): string {
  return new URLSearchParams({
    format: 'v1',
    reason,
    ...(by === undefined ? {} : { by }),
    ...(at === undefined ? {} : { at }),
    ...(job === undefined ? {} : { job }),
  }).toString();
}

/**
 * Reads the lock of an app from its configuration. Any value locks: one that `formatLock` would not write is the reason itself,
 * for example what an operator has set by hand.
 */
export function readLock(config: ReadonlyMap<string, string>): Lock | undefined {
  const value = config.get(lockKey);
  if (value === undefined) return undefined;
  const fields = new URLSearchParams(value);
  const read = (name: string) => fields.get(name) ?? undefined;
  const lock = { reason: read('reason') ?? '', by: read('by'), at: read('at'), job: read('job') };
  return formatLock(lock) === value ? lock : { reason: value, by: undefined, at: undefined, job: undefined };
}

/** Describes a lock: `locked by Zoé since 2026-01-12 09:41 UTC: disk full (https://…)`. */
export function describeLock({ reason, by, at, job }: Lock): string {
  const who = by === undefined ? '' : ` by ${by}`;
  const since = at === undefined ? '' : ` since ${at.slice(0, 16).replace('T', ' ')} UTC`;
  const why = reason.trim() === '' ? 'no reason given' : reason.trim();
  return `locked${who}${since}: ${why}${job === undefined ? '' : ` (${job})`}`;
}

type LockedRun = Pick<Context, 'app' | 'environment' | 'duringLock'>;

/** Throws `locked` if an app with this configuration is locked, unless the run goes ahead anyway. */
export function refuseLocked(context: LockedRun, config: ReadonlyMap<string, string>): void {
  const lock = readLock(config);
  if (lock === undefined || context.duringLock) return;
  throw new DeployError('locked', {
    message: `Nothing was deployed: ${context.app} is ${describeLock(lock)}.`,
    remedy: `Run the job again when it is unlocked (dokku-deploy unlock${environmentWord(context)}), or add --during-lock.`,
  });
}

/** The same for the app that a plan is to be made for. One that is not this environment's is left to the plan, which refuses it. */
export function refuseLockedApp(context: Context, { app }: HostState): void {
  if (context.target !== 'environment' || typeof app !== 'object') return;
  const isForeign = app.config.has(ownerKey) && !isOwnEnvironmentApp(context, app);
  if (!isForeign || context.takeOver) refuseLocked(context, app.config);
}

/** Returns the error of a lock that would replace another one. */
export function alreadyLockedError(context: LockedRun, lock: Lock): DeployError {
  return new DeployError('locked', {
    message: `${context.app} is already ${describeLock(lock)}.`,
    remedy: `To replace this lock, remove it first: dokku-deploy unlock${environmentWord(context)}.`,
  });
}

function environmentWord({ environment }: LockedRun): string {
  return environment === undefined ? '' : ` ${environment}`;
}

/** Returns a plan with a warning about the lock of its app, for the log and for a dry run. */
export function addLockWarning(plan: Plan, context: LockedRun, { app }: HostState): Plan {
  const lock = typeof app === 'object' ? readLock(app.config) : undefined;
  if (lock === undefined) return plan;
  const outcome = context.duringLock
    ? 'it is deployed to anyway'
    : 'it is not deployed to without --during-lock';
  const warning = `${context.app} is ${describeLock(lock)}; ${outcome}`;
  return { ...plan, warnings: [...(plan.warnings ?? []), warning] };
}
