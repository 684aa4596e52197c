import { setTimeout as sleep } from 'node:timers/promises';
import { apply } from '../apply/apply.ts';
import { type Means, stopped } from '../apply/asking.ts';
import type { Deployed } from '../apply/deploying.ts';
import type { Result } from '../apply/events.ts';
import { observe } from '../apply/observe.ts';
import type { Context, Verb } from '../context/context.ts';
import { showAddress } from '../context/host-address.ts';
import { understand } from '../context/understand.ts';
import { type Given, readGiven } from '../environment/given.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { ChildWorld } from '../host/process.ts';
import { sshHost } from '../host/ssh.ts';
import { planDeploy } from '../plan/deploy.ts';
import { emptyHost, type Facts } from '../plan/facts.ts';
import type { Plan } from '../plan/plan.ts';
import { planReviewStart } from '../plan/review-start.ts';
import { planReviewStop } from '../plan/review-stop.ts';
import { findCommit } from '../source/ship.ts';
import type { World } from '../world.ts';
import type { Typed } from './commands.ts';
import { type RunFlags, readFlags } from './flags.ts';
import { makeReporter, type Reporter } from './reporter.ts';
import { showDryRun } from './show-result.ts';
import { promised } from './tell-others.ts';

const planners: Readonly<Record<Verb, (context: Context, facts: Facts) => Plan>> = {
  'review start': planReviewStart,
  'review stop': planReviewStop,
  deploy: planDeploy,
};

interface Running {
  readonly world: World;
  readonly flags: RunFlags;
  readonly context: Context;
  readonly reporter: Reporter;
}

const childWorld = ({ env }: World): ChildWorld => ({ PATH: env.PATH, HOME: env.HOME });

/** The context with the commit that will be shipped: a job without one is refused before the host is asked. */
const withCommit = async (context: Context, world: World): Promise<Context> => {
  if (context.verb === 'review stop') return context;
  const found = await findCommit(context.source, childWorld(world));
  return { ...context, source: { ...context.source, ...found } };
};

const pauseUntil = (milliseconds: number, stop?: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, stop ? { signal: stop } : { ref: false }).catch(() => undefined);

const meansOf = ({ world, context }: Running, host: Host): Means => ({
  host,
  vault: context.vault,
  now: world.now,
  pause: (milliseconds) => pauseUntil(milliseconds, world.stop),
  stop: world.stop,
});

const planFor = (context: Context, facts: Facts): Plan => {
  const plan = planners[context.verb](context, facts);
  return { ...plan, host: context.access && showAddress(context.access.address) };
};

const removed = (plan: Plan): Result => ({
  kind: 'removed',
  wasThere: plan.steps.length > 0,
  services: plan.services,
});

const resultOf = (plan: Plan, deployed: Deployed | undefined): Result =>
  deployed ? { kind: 'serving', urls: deployed.urls, shipped: deployed.shipped } : removed(plan);

/** Looks, plans and applies; once more from the start when a step showed that the host had changed meanwhile. */
const lookAndApply = async (running: Running, means: Means): Promise<Result> => {
  const { context, reporter, world } = running;
  for (let round = 1; ; round += 1) {
    const plan = planFor(context, await observe(context, means));
    reporter.planned(plan);
    const applied = await apply({
      ...means,
      plan,
      source: context.source,
      child: childWorld(world),
      tell: reporter.tell,
      patience: (milliseconds) => pauseUntil(milliseconds),
    });
    if (applied.kind === 'done') return resultOf(plan, applied.deployed);
    if (round === 3) {
      throw new DeployError('busy', {
        message: `The app ${context.app} is being changed by somebody else at the same time.`,
        remedy: 'Run the job again; give the jobs of one app the same resource_group.',
      });
    }
  }
};

const factsForDryRun = async (
  running: Running,
  means: Means | undefined,
): Promise<{ facts: Facts; asked: boolean }> => {
  const { context, reporter } = running;
  if (!means) return { facts: emptyHost(context), asked: false };
  try {
    return { facts: await observe(context, means), asked: true };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    reporter.warn('the host', `${error.message} The plan is for an empty host.`);
    return { facts: emptyHost(context), asked: false };
  }
};

const dryRun = async (running: Running, means: Means | undefined): Promise<number> => {
  const { context, flags, reporter } = running;
  const { facts, asked } = await factsForDryRun(running, means);
  const made = planFor(context, facts);
  const plan = { ...made, notes: [...made.notes, ...(await promised(context))] };
  reporter.result(showDryRun(asked ? plan : { ...plan, host: undefined }, flags.format));
  return flags.exitCode && plan.steps.length > 0 ? 10 : 0;
};

const perform = async (running: Running): Promise<number> => {
  const { context, flags, reporter, world } = running;
  const host =
    context.access &&
    sshHost({ access: context.access, warn: (message) => reporter.warn('the host key', message) });
  const means = host && meansOf(running, host);
  try {
    if (flags.dryRun) return await dryRun(running, means);
    if (!means) throw new Error('a run without a host can only be a dry run');
    return await reporter.finish(await lookAndApply(running, means));
  } catch (error) {
    // What a stop cuts short is no failure of its own.
    const told = world.stop.aborted && !isStop(error) ? stopped(world.stop) : error;
    if (flags.dryRun || !(told instanceof DeployError)) throw told;
    return await reporter.fail(told);
  } finally {
    await host?.close();
  }
};

const isStop = (error: unknown): boolean =>
  error instanceof DeployError && (error.code === 'terminated' || error.code === 'interrupted');

const checkFlags = (flags: RunFlags): void => {
  if (!flags.offline || flags.dryRun) return;
  throw new DeployError('usage', {
    message: '--offline asks no host, and goes with --dry-run only.',
    remedy: 'Add --dry-run, or leave --offline away.',
  });
};

/** Runs one of the three commands of the pipeline and gives its exit code. Raises what happens before there is a report. */
export const runPipeline = async ({
  world,
  verb,
  typed,
}: {
  readonly world: World;
  readonly verb: Verb;
  readonly typed: Typed;
}): Promise<number> => {
  const flags = readFlags(typed);
  checkFlags(flags);
  const given: Given = await readGiven(world, flags);
  const judged = await understand({ verb, flags, given });
  const context = await withCommit(judged, world);
  using reporter = makeReporter({ world, flags, given, context });
  return await perform({ world, flags, context, reporter });
};
