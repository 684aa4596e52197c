import { apply } from '../apply/apply.ts';
import type { Deployed } from '../apply/deploy.ts';
import type { Result } from '../apply/events.ts';
import { observe } from '../apply/observe.ts';
import { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Host } from '../ssh/host.ts';
import { childWorld, meansOf, planFor, type Running, tellWarnings } from './run-context.ts';

/** Does what the command is for, on the host, and reports it. Gives the exit code, and raises what went wrong. */
export async function applyPlan(running: Running): Promise<number> {
  const { host, reporter } = running;
  if (!host) throw new Error('a run without a host can only show its plan');
  reporter.start();
  tellWarnings(running);
  return reporter.finish(await lookAndApply(running, host));
}

/** Looks, plans and applies; once more from the start when a step showed that the host had changed meanwhile. */
async function lookAndApply(running: Running, host: Host): Promise<Result> {
  const { context, reporter, world } = running;
  const means = meansOf(running, host);
  for (let round = 1; ; round += 1) {
    const plan = planFor(context, await observe(context, means));
    reporter.planned(plan);
    const applied = await apply({
      ...means,
      plan,
      source: context.source,
      child: childWorld(world),
      tell: reporter.tell,
    });
    if (applied.kind === 'done') return resultOf(plan, applied.deployed);
    if (round === 3) {
      throw new DeployError('busy', {
        message: `The app ${context.app} is being changed by somebody else at the same time.`,
        remedy: 'Run the job again; give the jobs of one app the same resource_group.',
      });
    }
  }
}

function resultOf(plan: Plan, deployed: Deployed | undefined): Result {
  return deployed ? { kind: 'serving', urls: deployed.urls, shipped: deployed.shipped } : removed(plan);
}

function removed(plan: Plan): Result {
  return {
    kind: 'removed',
    wasThere: plan.steps.length > 0,
    services: plan.services,
  };
}
