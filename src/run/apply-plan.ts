import { apply } from '../apply/apply.ts';
import { addCommitOrder } from '../apply/commit-order.ts';
import type { DeployResult } from '../apply/deploy-types.ts';
import type { RunResult } from '../apply/events.ts';
import { observeHost } from '../apply/observe.ts';
import { isLoopback } from '../apply/probe.ts';
import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Host } from '../ssh/host.ts';
import { pickChildEnv, usesProxy } from './child-env.ts';
import { createHostAccess, planRun, type RunContext, reportWarnings } from './run-context.ts';

/** Carries out the command on the host and reports it. Returns the exit code. Throws whatever went wrong. */
export async function applyPlan(run: RunContext): Promise<number> {
  const { host, reporter } = run;
  if (!host) throw new Error('a run without a host can only show its plan');
  reporter.start();
  reportWarnings(run);
  return reporter.finish(await observeAndApply(run, host));
}

/** Observes the host, plans and applies. Starts over if a step shows that the host has changed in the meantime. */
async function observeAndApply(run: RunContext, host: Host): Promise<RunResult> {
  const { context, reporter, world } = run;
  const hostAccess = createHostAccess(run, host);
  for (let round = 1; ; round += 1) {
    const observed = await observeHost(context, hostAccess);
    const hostState = await addCommitOrder(context, observed, pickChildEnv(world));
    if (typeof hostState.app === 'object') reporter.addAppConfig(hostState.app.config);
    const plan = planRun(context, hostState);
    reporter.reportPlan(plan);
    const applied = await apply({
      ...hostAccess,
      plan,
      source: context.source,
      childEnv: pickChildEnv(world),
      isProxied: usesProxy(world),
      isHostLocal: isLocal(context),
      emit: reporter.emit,
    });
    if (applied.kind === 'done') return toRunResult(plan, applied.deployed);
    if (round === 3) {
      throw new DeployError('busy', {
        message: `The app ${context.app} is being changed by another job at the same time.`,
        remedy: 'Run the job again; give the jobs of one app the same resource_group.',
      });
    }
  }
}

function isLocal({ access }: Context): boolean {
  return access !== undefined && isLoopback(access.address.host);
}

function toRunResult(plan: Plan, deployed: DeployResult | undefined): RunResult {
  return deployed ? { kind: 'serving', urls: deployed.urls, shipped: deployed.shipped } : removedResult(plan);
}

function removedResult(plan: Plan): RunResult {
  return {
    kind: 'removed',
    wasThere: plan.steps.length > 0,
    services: plan.services,
  };
}
