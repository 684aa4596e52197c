import { listBuilds } from '../dokku/apps.ts';
import { judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { wasCanceled } from '../dokku/reports.ts';
import { orderUrls } from '../dokku/urls.ts';
import { DeployError } from '../errors.ts';
import type { RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { zeroId } from '../source/receive-pack.ts';
import { ship } from '../source/ship.ts';
import type { PushedResult, ShipOptions, ShipResult } from '../source/ship-types.ts';
import { ask } from './ask.ts';
import type { BuildWatcher } from './cancel-build.ts';
import { checkBeforePush, type PushCheck } from './check-before-push.ts';
import { deployFailureError, lostConnection } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { restoreNewer } from './overtaken.ts';
import { createLineHandler } from './rebuild.ts';
import { supersede } from './supersede.ts';
import { deployUnchanged } from './unchanged.ts';
import { reportUpload } from './upload-progress.ts';
import { askDeployedRevision, askUrls } from './what-runs.ts';

/** What one try needs besides its step. */
export interface AttemptOptions {
  readonly options: DeployOptions;
  readonly build: BuildWatcher;
  /** What ran when this job last looked. */
  readonly seen: RunningVersion;
  /** Whether the host must be looked at again before the first push, even if its branch is where it was. */
  readonly checks: boolean;
  /** Sends what is deployed; by default, the commit of the checkout. */
  readonly send?: (options: ShipOptions) => Promise<ShipResult>;
  /** The only revision that may be pushed; another one is an error. */
  readonly only?: { readonly revision: string; readonly error: DeployError };
}

/**
 * Ships the commit once, or rebuilds it if the host already has it, and determines the outcome.
 *
 * Throws what `performShip` throws, except for a lost connection and a busy app.
 */
export async function attemptDeploy(
  step: ShipStep,
  { options, build, seen, checks, only, send = ship }: AttemptOptions,
): Promise<AttemptResult> {
  const { host, source, childEnv } = options;
  const { app, branch } = step;
  const onLine = createLineHandler(options, build);
  const results: PushCheck[] = [];
  let mustLook = checks;
  const beforePush = async (revision: string, oldId: string): Promise<boolean> => {
    if (only !== undefined && revision !== only.revision) throw only.error;
    const isFirst = oldId === zeroId;
    if (!mustLook && (isFirst || oldId === seen.revision)) {
      // A push that the host could not connect to its history is repeated in full: others may have deployed in the meantime.
      mustLook = true;
      // When it is asked for the repository of a missing app, the host creates that app: the repository is then empty.
      if (isFirst) await options.checkApp();
      return true;
    }
    const check = await checkBeforePush(step, { seen, revision }, options);
    results.push(check);
    return check.kind === 'clear';
  };
  try {
    const running = checks || step.rebuild ? undefined : knownToRun(seen);
    const beforeOpen = options.checkAppAgain;
    const result = await send({
      ...{ host, app, branch, source, childEnv, onLine },
      ...{ beforeOpen, beforePush, running, recorded: seen.record },
      reportUpload: (upload) => reportUpload(upload, options),
    });
    if (result.kind === 'pushed') {
      const restored = await restoreNewer(step, result, { options, build });
      return restored ?? (await judgePush(step, result, options));
    }
    if (result.kind === 'cut-off') return await judgeCutOff(step, result, options);
    if (result.kind === 'nothing-new') {
      const { kind: _, ...commit } = result;
      return await deployUnchanged(step, { options, build, commit, seen, checks });
    }
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    return { kind: 'lost', sent: false, error };
  }
  const check = results.at(-1);
  if (check === undefined || check.kind === 'clear') throw new Error('a push was held back without a reason');
  return check.kind === 'superseded' ? supersede(step, check.by, options) : check;
}

/** Returns what certainly runs: the last successful deploy, if nothing was tried since. */
function knownToRun({ revision, attempted }: RunningVersion): string | undefined {
  return attempted === revision ? revision : undefined;
}

/** A push that ends without an answer: the connection was lost, or the host ended it. A build that was cancelled there is not started again. */
async function judgeCutOff(
  step: ShipStep,
  { complete, exit, lines }: CutOff,
  options: DeployOptions,
): Promise<AttemptResult> {
  const builds = exit ? await ask(listBuilds(step.app), options) : undefined;
  if (builds?.kind !== 'answered' || !wasCanceled(builds.stdout)) return lostConnection(step, complete);
  throw deployFailureError(step, { ...readDeployOutput(lines), failure: 'canceled' }, undefined);
}

type CutOff = ShipResult & { readonly kind: 'cut-off' };

async function judgePush(step: ShipStep, push: PushedResult, options: DeployOptions): Promise<AttemptResult> {
  const output = readDeployOutput(push.lines);
  if (output.failure === 'busy' && !push.accepted) return { kind: 'busy', refused: true };
  const verdict = judgeDeploy(output, readRefStatus(push));
  const isDeployed =
    verdict === 'deployed' ||
    (verdict === 'unclear' && (await askDeployedRevision(step.app, options)) === push.revision);
  if (!isDeployed) throw deployFailureError(step, output, push.reason);
  const urls = verdict === 'deployed' ? orderUrls(output.urls) : await askUrls(step.app, options);
  const detail = `${push.commit.slice(0, 8)} shipped, ${push.bytes} bytes`;
  const { commit, revision, base } = push;
  const record = { commit, revision, base, committedAt: options.source.committedAt, url: urls[0] };
  const result = { urls, shipped: true, detail, record, hasWeb: output.hasWeb };
  if (push.accepted) return { kind: 'deployed', deployed: result };
  const warning = `${step.app} is deployed, but the host did not store the commit (${push.reason ?? 'no reason given'}): the next run deploys it again`;
  return { kind: 'deployed', deployed: { ...result, warning } };
}

/** Dokku deploys in git's pre-receive hook; git refuses a ref for reasons of its own only after the hook succeeded. */
function readRefStatus({ accepted, reason }: PushedResult) {
  if (accepted) return 'stored';
  return reason !== undefined && reasonsAfterHook.test(reason) ? 'not-stored' : 'declined';
}

// From git's builtin/receive-pack.c; a deploy that failed reads "pre-receive hook declined".
const reasonsAfterHook =
  /^(failed to update ref|shallow update not allowed|non-fast-forward|branch is currently checked out|failed to (start transaction|write)|hook declined)/;
