import { appLocked } from '../dokku/apps.ts';
import { DeployError } from '../errors.ts';
import type { ShipStep } from '../plan/plan.ts';
import { ask, type Means } from './ask.ts';
import { stopped } from './stop.ts';

/** A deploy on the host whose end is waited for. */
export interface Wait {
  readonly app: string;
  /** What is told at the start. */
  readonly message: string;
  /** Milliseconds before the first look. */
  readonly pause: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** What is raised at the deadline. */
  readonly error: DeployError;
}

const pollEvery = 5_000;

/** Waiting for somebody else, as long as `--wait` says from now on. */
export function forOthers(step: ShipStep, now: number): Wait {
  return {
    app: step.app,
    message: `${step.app} is being deployed by somebody else: waiting up to ${step.waitSeconds} s`,
    pause: pollEvery,
    deadline: now + step.waitSeconds * 1_000,
    error: busy(step, `Another deploy of ${step.app} is still under way after ${step.waitSeconds} s.`),
  };
}

function busy({ app }: ShipStep, message: string): DeployError {
  return new DeployError('busy', {
    message,
    remedy: `Try again later, or wait longer with --wait. If nothing deploys on the host, its lock was left behind: dokku apps:unlock ${app}`,
  });
}

/** Waiting for the deploy that a lost connection leaves behind: the host goes on with it, and so will the next push find it. */
export function forOurOwn(step: ShipStep, now: number, pause: number): Wait {
  return {
    app: step.app,
    message: `the connection was lost while ${step.app} was being deployed: waiting up to ${step.waitSeconds} s for that deploy to end`,
    pause,
    deadline: now + step.waitSeconds * 1_000,
    error: busy(
      step,
      `The connection was lost while ${step.app} was being deployed, and that deploy is still under way after ${step.waitSeconds} s.`,
    ),
  };
}

const tellEvery = 30_000;

/** Waits until nobody deploys the app, with a pause before each look. Raises the wait's error at its deadline, and the stop's. */
export async function waitUntilFree(
  { app, message, pause: first, deadline, error }: Wait,
  means: Means & { readonly waiting: (message: string) => void },
): Promise<void> {
  const since = means.now();
  if (since > deadline) throw error;
  means.waiting(message);
  let now = since;
  let told = since;
  for (let pause = first; ; pause = pollEvery) {
    await means.pause(Math.min(pause, deadline - now));
    if (means.stop.aborted) throw stopped(means.stop);
    if ((await ask(appLocked(app), means)).kind === 'refused') return;
    now = means.now();
    if (now >= deadline) throw error;
    if (now - told < tellEvery) continue;
    means.waiting(`still waiting for that deploy of ${app} (${Math.round((now - since) / 1_000)} s)`);
    told = now;
  }
}
