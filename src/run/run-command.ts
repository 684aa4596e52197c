import { signalGap } from '../apply/stop.ts';
import { understand } from '../context/build-context.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import { type Given, readGiven } from '../environment/given.ts';
import type { DeployError } from '../errors.ts';
import { endedBySignal } from '../source/git.ts';
import { findCommit } from '../source/ship.ts';
import type { Host } from '../ssh/host.ts';
import { sshHost } from '../ssh/ssh-host.ts';
import type { World } from '../world.ts';
import { applyPlan } from './apply-plan.ts';
import { showPlan } from './dry-run.ts';
import { makeReporter, type Reporter } from './reporter.ts';
import { asTold, childWorld, pauseUntil, type Running } from './run-context.ts';
import type { RunFlags } from './run-flags.ts';

/** What is done with a plan, and how a failure ends. */
interface Way {
  readonly perform: (running: Running) => Promise<number>;
  readonly fail: (reporter: Reporter, error: DeployError) => number | Promise<number>;
}

const applying: Way = { perform: applyPlan, fail: (reporter, error) => reporter.fail(error) };
const showing: Way = { perform: showPlan, fail: (reporter, error) => reporter.refuse(error) };

/** Runs one of the three commands of the pipeline and gives its exit code. Raises what happens before there is a report. */
export async function runCommand({
  world,
  command,
  flags,
}: {
  readonly world: World;
  readonly command: CommandName;
  readonly flags: RunFlags;
}): Promise<number> {
  const given = await readGiven(world, flags);
  using reporter = makeReporter({ world, flags, given, command });
  const way = flags.dryRun ? showing : applying;
  const fail = (error: unknown) => way.fail(reporter, asTold(error, world.stop));
  try {
    const context = await prepare({ world, command, flags, given });
    await using host = hostOf(context, reporter);
    reporter.understood({ context, host });
    return await way.perform({ world, flags, context, reporter, host }).catch(fail);
  } catch (error) {
    return await fail(error);
  }
}

interface Preparing {
  readonly world: World;
  readonly command: CommandName;
  readonly flags: RunFlags;
  readonly given: Given;
}

/** What the job was given, understood. Raises what `understand` and `findCommit` do. */
async function prepare({ world, command, flags, given }: Preparing): Promise<Context> {
  try {
    return await withCommit(await understand({ command, flags, given }), world);
  } catch (error) {
    // A runner ends our git up to some seconds before it tells us to stop.
    if (endedBySignal(error)) await pauseUntil(signalGap, world.stop);
    throw error;
  }
}

/** The context with the commit that will be shipped: a job without one is refused before the host is asked. */
async function withCommit(context: Context, world: World): Promise<Context> {
  if (!context.ships) return context;
  const found = await findCommit(context.source, childWorld(world));
  return { ...context, source: { ...context.source, ...found } };
}

function hostOf({ access }: Context, reporter: Reporter): Host | undefined {
  return access && sshHost({ access, warn: (message) => reporter.warn('the host key', message) });
}
