import { isLoopback } from '../access/host-address.ts';
import { createAppWatch } from '../apply/app-watch.ts';
import { type ApplyResult, apply } from '../apply/apply.ts';
import { addCommitOrder } from '../apply/commit-order.ts';
import type { RunResult } from '../apply/events.ts';
import { observeHost } from '../apply/observe.ts';
import type { Context, Source } from '../context/context.ts';
import { isPreparation } from '../context/target.ts';
import { DeployError } from '../errors.ts';
import { createAppGuard } from '../plan/app-guard.ts';
import { addHostValues } from '../plan/host-values.ts';
import { addLockWarning, refuseLockedApp } from '../plan/lock.ts';
import type { Plan } from '../plan/plan.ts';
import { checkSavedPlan, type SavedPlan } from '../plan/saved-plan.ts';
import type { Host } from '../ssh/host.ts';
import { runBeforeDeploy } from './before-deploy.ts';
import { pickChildEnv, usesProxy } from './child-env.ts';
import { goBackAfter } from './go-back.ts';
import {
  createHostAccess,
  describeHost,
  type Planner,
  type RunContext,
  reportWarnings,
} from './run-context.ts';
import { readSavedPlan } from './saved-plan-file.ts';

/** Carries out the command on the host and reports it. Returns the exit code. Throws whatever went wrong. */
export async function applyPlan(run: RunContext, planner: Planner): Promise<number> {
  const { host, reporter } = run;
  if (!host) throw new Error('a run without a host can only show its plan');
  reporter.start();
  reportWarnings(run);
  const saved = run.flags.plan === undefined ? undefined : await readSavedPlan(run.flags.plan, run.world);
  try {
    const ready = await runBeforeDeploy(run, planner, (first, setUp) => observeAndApply(first, host, setUp));
    return await reporter.finish(await observeAndApply(ready, host, planner, saved));
  } catch (error) {
    throw await goBackAfter(error, run, (back, backPlanner) => observeAndApply(back, host, backPlanner));
  }
}

/** How often a run starts over before it gives up: two jobs of one app need two rounds, and sometimes three. */
const maxRounds = 6;

/**
 * Observes the host, plans and applies. Starts over if a step shows that the host has changed in the meantime. With a saved plan,
 * throws `plan-outdated` before it applies another one.
 */
async function observeAndApply(
  run: RunContext,
  host: Host,
  planner: Planner,
  saved?: SavedPlan,
): Promise<RunResult> {
  const { context, reporter, world } = run;
  const hostAccess = createHostAccess(run, host);
  const guard = createAppGuard(context);
  const watch = guard && createAppWatch(guard);
  const plans: Plan[] = [];
  for (;;) {
    const observed = await observeHost(context, hostAccess);
    const hostState = await addCommitOrder(context, observed, pickChildEnv(world));
    if (typeof hostState.app === 'object') reporter.addAppConfig(hostState.app.config);
    await watch?.observe(hostState.app, hostAccess);
    refuseLockedApp(context, hostState);
    const complete = addHostValues(context, hostState);
    reporter.addSecrets(complete.vault.values());
    const plan = addLockWarning(planner(complete, hostState), context, hostState);
    if (saved) checkSavedPlan(saved, { plan, hostState, host: describeHost(context) });
    plans.push(plan);
    reporter.reportPlan(plan);
    const applied = await apply({
      ...hostAccess,
      vault: new Map([...hostAccess.vault, ...complete.vault]),
      plan,
      source: sourceOf(context, plan),
      childEnv: pickChildEnv(world),
      isProxied: usesProxy(world),
      isHostLocal: isLocal(context),
      emit: reporter.emit,
      showProgress: reporter.showProgress,
      watch,
    });
    if (applied.kind === 'done')
      return isPreparation(context)
        ? preparedResult(plans)
        : toRunResult(plans, applied, sourceOf(context, plan));
    if (plans.length === maxRounds) {
      throw new DeployError('busy', {
        message: `The app ${context.app} is being changed by another job at the same time.`,
        remedy: 'Run the job again; give the jobs of one app the same resource_group.',
      });
    }
  }
}

/** Returns what a plan ships. A command that ships nothing from the job may deploy a commit that a host already has. */
function sourceOf({ ships, source }: Context, { steps }: Plan): Source {
  const step = ships ? undefined : steps.find((one) => one.kind === 'ship');
  return step ? { ...source, commit: step.commit, committedAt: step.committedAt } : source;
}

function isLocal({ access }: Context): boolean {
  return access !== undefined && isLoopback(access.address.host);
}

function preparedResult(plans: readonly Plan[]): RunResult {
  return {
    kind: 'prepared',
    services: plans.at(-1)?.services ?? [],
    changed: plans.some(({ steps }) => steps.length > 0),
  };
}

function toRunResult(
  plans: readonly Plan[],
  { deployed, kept }: ApplyResult & { readonly kind: 'done' },
  { commit }: Source,
): RunResult {
  return deployed
    ? {
        kind: 'serving',
        urls: deployed.urls,
        shipped: deployed.shipped,
        commit: deployed.supersededBy ?? commit,
      }
    : removedResult(plans, kept);
}

/** A removal that had to start over has removed what any of its plans named. */
function removedResult(plans: readonly Plan[], kept: readonly string[]): RunResult {
  const services = new Set(plans.flatMap((plan) => plan.services));
  return {
    kind: 'removed',
    wasThere: plans.some(({ steps }) => steps.length > 0),
    services: [...services].filter((label) => !kept.includes(label)),
  };
}
