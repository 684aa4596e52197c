import type { Access } from '../access/access-types.ts';
import { maxSignalDelay } from '../apply/stop.ts';
import { buildContext } from '../context/build-context.ts';
import type { Context } from '../context/context.ts';
import { findSkipReason } from '../context/skip.ts';
import type { CommandName } from '../context/target.ts';
import { type JobInput, readJobInput } from '../environment/job-input.ts';
import type { DeployError } from '../errors.ts';
import { planDeploy } from '../plan/deploy.ts';
import { planPromote } from '../plan/promote.ts';
import { planReviewPrepare } from '../plan/review-prepare.ts';
import { planReviewStart } from '../plan/review-start.ts';
import { planReviewStop } from '../plan/review-stop.ts';
import { planRollback } from '../plan/rollback.ts';
import { wasKilledBySignal } from '../source/git.ts';
import type { Host } from '../ssh/host.ts';
import { createSshHost } from '../ssh/ssh-host.ts';
import type { World } from '../world.ts';
import { applyPlan } from './apply-plan.ts';
import { withChangedPages } from './changed-pages.ts';
import { printDrift } from './check-drift.ts';
import { printConfigDiff } from './config-diff.ts';
import { copyEnv } from './copy-env.ts';
import { printPlan } from './dry-run.ts';
import { withCommit } from './find-commit.ts';
import { refuseDuringFreeze } from './freeze.ts';
import { lockApp, unlockApp } from './lock.ts';
import { readImageArchive } from './read-image-archive.ts';
import { printReleases } from './releases.ts';
import { createReporter } from './reporter.ts';
import type { Reporter } from './reporter-types.ts';
import { resolveImage } from './resolve-image.ts';
import { runInReviewApp } from './review-run.ts';
import { type Planner, type RunContext, sleepUntilStop, toDeployError } from './run-context.ts';
import type { RunFlags } from './run-flags.ts';
import { printStatus } from './status.ts';

/**
 * What each command does. It either applies a plan (or prints it, with `--dry-run`), or only prints something: what it has read
 * from the host, or what it has done to the lock of an app.
 */
const actions: Readonly<
  Record<CommandName, { readonly plan: Planner } | { readonly print: (run: RunContext) => Promise<number> }>
> = {
  'review prepare': { plan: planReviewPrepare },
  'review start': { plan: planReviewStart },
  'review stop': { plan: planReviewStop },
  'review run': { print: runInReviewApp },
  deploy: { plan: planDeploy },
  promote: { plan: planPromote },
  rollback: { plan: planRollback },
  releases: { print: printReleases },
  status: { print: printStatus },
  lock: { print: lockApp },
  unlock: { print: unlockApp },
};

/** Runs one of the commands that act on a host, and returns its exit code. Throws only errors that occur before there is a reporter. */
export async function runCommand({
  world,
  command,
  flags,
}: {
  readonly world: World;
  readonly command: CommandName;
  readonly flags: RunFlags;
}): Promise<number> {
  const jobInput = await readJobInput(world, flags);
  using reporter = createReporter({ world, flags, jobInput, command });
  const mode = chooseMode(command, flags);
  const fail = (error: unknown) => mode.fail(reporter, toDeployError(error, world.stop));
  try {
    const reason = findSkipReason(flags, jobInput.variables);
    if (reason !== undefined) return await reporter.skip(reason);
    const prepared = await prepare({ world, command, flags, jobInput });
    await using host = createHost(prepared.access, reporter);
    await using sourceHost = createHost(prepared.promotion?.access, reporter);
    reporter.setContext({ context: prepared, host });
    const context = await copyEnv(prepared, world, host);
    if (context !== prepared) reporter.setContext({ context, host });
    return await mode.run({ world, flags, context, reporter, host, sourceHost }).catch(fail);
  } catch (error) {
    return await fail(error);
  }
}

/** What a run does, and how a failure ends it. */
interface Mode {
  readonly run: (run: RunContext) => Promise<number>;
  readonly fail: (reporter: Reporter, error: DeployError) => number | Promise<number>;
}

function chooseMode(command: CommandName, { dryRun, checkDrift, configDiff }: RunFlags): Mode {
  const action = actions[command];
  if ('print' in action) return { run: action.print, fail: (reporter, error) => reporter.refuse(error) };
  const { plan } = action;
  if (configDiff) return { run: printConfigDiff, fail: (reporter, error) => reporter.refuse(error) };
  if (checkDrift) return { run: printDrift, fail: (reporter, error) => reporter.refuse(error) };
  return dryRun
    ? { run: (run) => printPlan(run, plan), fail: (reporter, error) => reporter.refuse(error) }
    : { run: (run) => applyPlan(run, plan), fail: (reporter, error) => reporter.fail(error) };
}

interface PrepareOptions {
  readonly world: World;
  readonly command: CommandName;
  readonly flags: RunFlags;
  readonly jobInput: JobInput;
}

/** Builds the context from the job's input. Throws `frozen`, and what `buildContext`, `withCommit`, `readImageArchive` and `resolveImage` throw. */
async function prepare({ world, command, flags, jobInput }: PrepareOptions): Promise<Context> {
  try {
    const valid = await buildContext({ command, flags, jobInput });
    refuseDuringFreeze(valid, flags, jobInput);
    const built = await withChangedPages(await withCommit(valid, world), jobInput, world);
    const context = await readImageArchive(built);
    return flags.hostRequirement === 'none' ? context : await resolveImage(context, world);
  } catch (error) {
    // A runner may kill our git some seconds before it sends us SIGTERM.
    if (wasKilledBySignal(error)) await sleepUntilStop(maxSignalDelay, world.stop);
    throw error;
  }
}

function createHost(access: Access | undefined, reporter: Reporter): Host | undefined {
  return (
    access &&
    createSshHost({
      access,
      warn: (message) => reporter.warn('the host key', message),
      logReady: reporter.logReady,
    })
  );
}
