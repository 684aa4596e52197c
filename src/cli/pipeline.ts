import { signalGap } from '../apply/asking.ts';
import type { Context, Verb } from '../context/context.ts';
import { understand } from '../context/understand.ts';
import { type Given, readGiven } from '../environment/given.ts';
import { DeployError } from '../errors.ts';
import { sshHost } from '../host/ssh.ts';
import { endedBySignal } from '../source/git.ts';
import { findCommit } from '../source/ship.ts';
import type { World } from '../world.ts';
import { applyPlan } from './apply-plan.ts';
import type { Typed } from './command.ts';
import { type RunFlags, readFlags } from './flags.ts';
import { leaveRefusal } from './leave.ts';
import { makeReporter } from './reporter.ts';
import { childWorld, pauseUntil, unlessStopped } from './running.ts';
import { showPlan } from './show-plan.ts';

/** The context with the commit that will be shipped: a job without one is refused before the host is asked. */
const withCommit = async (context: Context, world: World): Promise<Context> => {
  if (context.verb === 'review stop') return context;
  const found = await findCommit(context.source, childWorld(world));
  return { ...context, source: { ...context.source, ...found } };
};

interface Preparing {
  readonly world: World;
  readonly verb: Verb;
  readonly flags: RunFlags;
  readonly given: Given;
}

/** What the job was given, understood; where it is refused, the refusal is left for later jobs as a run is. */
const prepare = async ({ world, verb, flags, given }: Preparing): Promise<Context> => {
  try {
    return await withCommit(await understand({ verb, flags, given }), world);
  } catch (error) {
    // A runner ends our git up to some seconds before it tells us to stop.
    if (endedBySignal(error)) await pauseUntil(signalGap, world.stop);
    const told = unlessStopped(error, world.stop);
    if (told instanceof DeployError && !flags.dryRun)
      await leaveRefusal({ world, verb, flags, given, error: told });
    throw told;
  }
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
  const perform = flags.dryRun ? showPlan : applyPlan;
  const given = await readGiven(world, flags);
  const context = await prepare({ world, verb, flags, given });
  using reporter = makeReporter({ world, flags, given, context });
  await using host =
    context.access &&
    sshHost({ access: context.access, warn: (message) => reporter.warn('the host key', message) });
  try {
    return await perform({ world, flags, context, reporter, host });
  } catch (error) {
    throw unlessStopped(error, world.stop);
  }
};
