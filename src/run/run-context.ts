import { setTimeout as sleep } from 'node:timers/promises';
import { showAddress } from '../access/host-address.ts';
import type { Means } from '../apply/ask.ts';
import { stopped } from '../apply/stop.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import { DeployError } from '../errors.ts';
import { planDeploy } from '../plan/deploy.ts';
import type { Facts } from '../plan/facts.ts';
import type { Plan } from '../plan/plan.ts';
import { planReviewStart } from '../plan/review-start.ts';
import { planReviewStop } from '../plan/review-stop.ts';
import type { ChildWorld } from '../source/process.ts';
import type { Host } from '../ssh/host.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import type { Reporter } from './reporter.ts';
import type { RunFlags } from './run-flags.ts';

/** A command of the pipeline, understood and ready to be shown or done. */
export interface Running {
  readonly world: World;
  readonly flags: RunFlags;
  readonly context: Context;
  readonly reporter: Reporter;
  /** None for a plan that is made for no host in particular. */
  readonly host: Host | undefined;
}

const planners: Readonly<Record<CommandName, (context: Context, facts: Facts) => Plan>> = {
  'review start': planReviewStart,
  'review stop': planReviewStop,
  deploy: planDeploy,
};

/** The plan of the context's command, for a host of which these facts are known. */
export function planFor(context: Context, facts: Facts): Plan {
  const plan = planners[context.command](context, facts);
  return { ...plan, host: context.access && showAddress(context.access.address) };
}

/** What asking a host takes. */
export function meansOf({ world, context }: Running, host: Host): Means {
  return {
    host,
    vault: context.vault,
    now: world.now,
    pause: (milliseconds) => pauseUntil(milliseconds, world.stop),
    patience: (milliseconds) => pauseUntil(milliseconds),
    stop: world.stop,
  };
}

/** Waits so many milliseconds, or until the stop; without one the wait keeps no process alive. */
export function pauseUntil(milliseconds: number, stop?: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, stop ? { signal: stop } : { ref: false }).catch(() => undefined);
}

/** What a child process gets of the run's environment. */
export function childWorld({ env }: World): ChildWorld {
  return { PATH: env.PATH, HOME: env.HOME };
}

/** The failure to tell of what was raised: what a stop cuts short is none of its own, and what nobody expected is a bug. */
export function asTold(error: unknown, stop: AbortSignal): DeployError {
  if (stop.aborted && !isStop(error)) return stopped(stop);
  return error instanceof DeployError ? error : bug(error);
}

function isStop(error: unknown): boolean {
  return error instanceof DeployError && (error.code === 'terminated' || error.code === 'interrupted');
}

function bug(error: unknown): DeployError {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return new DeployError('bug', {
    message: `A bug of dokku-deploy ${version}: ${message}`,
    said: stack.split('\n').filter((line) => line.trim() !== ''),
    remedy:
      'Run the job again: it goes on from where it is. Give the lines above to those who keep dokku-deploy.',
    cause: error,
  });
}

/** Says what was found wrong with what was given, though not so wrong that nothing can be done. */
export function tellWarnings({ context, reporter }: Running): void {
  for (const { about, message } of context.warnings) reporter.warn(about, message);
}
