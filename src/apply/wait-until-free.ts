import { appLocked, runningBuilds } from '../dokku/apps.ts';
import { hasBuilds } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import type { ShipStep } from '../plan/plan.ts';
import { askAll, type HostAccess } from './ask.ts';
import { stopError } from './stop.ts';

/** A deploy on the host to wait for. */
export interface WaitOptions {
  readonly app: string;
  /** Logged at the start. */
  readonly message: string;
  /** Milliseconds before the first check. */
  readonly initialDelay: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Thrown at the deadline. */
  readonly error: DeployError;
}

const pollInterval = 5_000;

/** Returns how to wait for someone else's deploy: up to `--wait` from now. */
export function waitForOthers(step: ShipStep, now: number): WaitOptions {
  return {
    app: step.app,
    message: `another deploy of ${step.app} is running: waiting up to ${step.waitSeconds} s`,
    initialDelay: pollInterval,
    deadline: now + step.waitSeconds * 1_000,
    error: busyError(step, `Another deploy of ${step.app} is still running after ${step.waitSeconds} s.`),
  };
}

/** Returns the error for a lock that keeps deploys out although no build is running. */
export function deadLockError({ app }: ShipStep): DeployError {
  return new DeployError('busy', {
    message: `The host refuses to deploy ${app} because of its deploy lock, but no build is running: the lock was left over by a deploy that died.`,
    remedy: `Remove it on the host with dokku builds:cancel ${app} (or dokku apps:unlock ${app}), then run the job again.`,
  });
}

function busyError({ app }: ShipStep, message: string): DeployError {
  return new DeployError('busy', {
    message,
    remedy: `Try again later, or wait longer with --wait. If no deploy is running on the host, its lock is stale: remove it with dokku apps:unlock ${app}`,
  });
}

/** Returns how to wait for our own deploy after a lost connection: the host continues it, and the next push shows its outcome. */
export function waitForOwnDeploy(step: ShipStep, now: number, delay: number): WaitOptions {
  return {
    app: step.app,
    message: `lost the connection while ${step.app} was being deployed: waiting up to ${step.waitSeconds} s for that deploy to end`,
    initialDelay: delay,
    deadline: now + step.waitSeconds * 1_000,
    error: busyError(
      step,
      `The connection was lost while ${step.app} was being deployed, and that deploy is still running after ${step.waitSeconds} s.`,
    ),
  };
}

const logInterval = 30_000;

/**
 * Whether the app is free. `idle`: no build is running, but the lock exists: left over from a build that failed, which the
 * next deploy takes over; set by an operator, which changes nothing; or from one that died, which keeps all others out.
 */
export type Freedom = 'free' | 'idle';

/**
 * Waits until no deploy of the app is running, pausing before each check. Throws the wait's error at its deadline, and the
 * stop's.
 */
export async function waitUntilFree(
  { app, message, initialDelay: first, deadline, error }: WaitOptions,
  hostAccess: HostAccess & { readonly onWait: (message: string) => void },
): Promise<Freedom> {
  const startedAt = hostAccess.now();
  if (startedAt > deadline) throw error;
  hostAccess.onWait(message);
  let now = startedAt;
  let loggedAt = startedAt;
  for (let delay = first; ; delay = pollInterval) {
    await hostAccess.sleep(Math.min(delay, deadline - now));
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
    const [lock, builds] = await askAll([appLocked(app), runningBuilds(app)], hostAccess);
    if (lock?.kind === 'refused') return 'free';
    if (builds?.kind === 'answered' && !hasBuilds(builds.stdout)) return 'idle';
    now = hostAccess.now();
    if (now >= deadline) throw error;
    if (now - loggedAt < logInterval) continue;
    hostAccess.onWait(`still waiting for that deploy of ${app} (${Math.round((now - startedAt) / 1_000)} s)`);
    loggedAt = now;
  }
}
