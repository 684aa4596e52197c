import { judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { orderUrls } from '../dokku/urls.ts';
import { DeployError } from '../errors.ts';
import type { DeployRecord, RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { type ShipResult, ship } from '../source/ship.ts';
import type { BuildWatcher } from './cancel-build.ts';
import { checkBeforePush, type PushCheck } from './check-before-push.ts';
import { deployFailureError, lostConnection, supersededError } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { findOvertaker } from './overtaken.ts';
import { createLineHandler, deployUnchanged, rebuildOnHost } from './rebuild.ts';
import { askDeployedRevision, askUrls } from './what-runs.ts';

/** What one try needs besides its step. */
export interface AttemptOptions {
  readonly options: DeployOptions;
  readonly build: BuildWatcher;
  /** What ran when this job last looked. */
  readonly seen: RunningVersion;
  /** Whether the host must be looked at again before the push. */
  readonly checks: boolean;
}

/**
 * Ships the commit once, or rebuilds it if the host already has it, and decides what became of it.
 *
 * Throws what `performShip` throws, except for a lost connection and a busy app.
 */
export async function attemptDeploy(
  step: ShipStep,
  { options, build, seen, checks }: AttemptOptions,
): Promise<AttemptResult> {
  const { host, source, childEnv } = options;
  const { app, branch } = step;
  const onLine = createLineHandler(options, build);
  const results: PushCheck[] = [];
  const beforePush = async (revision: string, isFirst: boolean): Promise<boolean> => {
    if (!checks) {
      // When it is asked for the repository of a missing app, the host creates that app: the repository is then empty.
      if (isFirst) await options.checkApp();
      return true;
    }
    const check = await checkBeforePush(step, { seen, revision }, options);
    results.push(check);
    return check.kind === 'clear';
  };
  try {
    const result = await ship({ host, app, branch, source, childEnv, onLine, beforePush });
    if (result.kind === 'pushed') {
      const by = isOvertaken(result) ? await findOvertaker(step, options) : undefined;
      if (by) return await restoreNewer(step, by, { options, build });
      return await judgePush(step, result, options);
    }
    if (result.kind === 'cut-off') return lostConnection(step, result.complete);
    if (result.kind === 'nothing-new')
      return await deployUnchanged(step, { options, build, commit: result, seen });
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    return { kind: 'lost', sent: false, error };
  }
  const check = results.at(-1);
  if (check === undefined || check.kind === 'clear') throw new Error('a push was held back without a reason');
  return check.kind === 'superseded' ? supersede(step, check.by, options) : check;
}

type Push = ShipResult & { readonly kind: 'pushed' };

async function judgePush(step: ShipStep, push: Push, options: DeployOptions): Promise<AttemptResult> {
  const output = readDeployOutput(push.lines);
  if (output.failure === 'busy' && !push.accepted) return { kind: 'busy' };
  const verdict = judgeDeploy(output, readRefStatus(push));
  const isDeployed =
    verdict === 'deployed' ||
    (verdict === 'unclear' && (await askDeployedRevision(step.app, options)) === push.revision);
  if (!isDeployed) throw deployFailureError(step, output, push.reason);
  const urls = verdict === 'deployed' ? orderUrls(output.urls) : await askUrls(step.app, options);
  const detail = `${push.commit.slice(0, 8)} shipped, ${push.bytes} bytes`;
  const { commit, revision } = push;
  const record = { commit, revision, committedAt: options.source.committedAt, url: urls[0] };
  const result = { urls, shipped: true, detail, record, hasWeb: output.hasWeb };
  if (push.accepted) return { kind: 'deployed', deployed: result };
  const warning = `${step.app} is deployed, but the host did not store the commit (${push.reason ?? 'no reason given'}): the next run deploys it again`;
  return { kind: 'deployed', deployed: { ...result, warning } };
}

/** Whether another push moved the branch while this one was deployed: git checks that only afterwards. */
function isOvertaken({ accepted, reason, lines }: Push): boolean {
  return !accepted && reason === 'failed to update ref' && readDeployOutput(lines).deployed;
}

/**
 * Has the host build the deploy branch again: the newer commit that another job deployed while this one was sent, and that
 * this one has replaced. Then ends as a superseded run does.
 */
async function restoreNewer(
  step: ShipStep,
  by: DeployRecord,
  { options, build }: Pick<AttemptOptions, 'options' | 'build'>,
): Promise<AttemptResult> {
  options.warn(
    `another job deployed ${by.commit.slice(0, 8)} to ${step.app} while this one was being sent; it is newer, so the host builds it again`,
  );
  const rebuilt = await rebuildOnHost(step, { options, build, commit: by, reason: 'it is newer' });
  return rebuilt.kind === 'deployed' ? supersede(step, by, options) : rebuilt;
}

/** Dokku deploys in git's pre-receive hook; git refuses a ref for reasons of its own only after the hook succeeded. */
function readRefStatus({ accepted, reason }: Push) {
  if (accepted) return 'stored';
  return reason !== undefined && reasonsAfterHook.test(reason) ? 'not-stored' : 'declined';
}

// From git's builtin/receive-pack.c; a deploy that failed reads "pre-receive hook declined".
const reasonsAfterHook =
  /^(failed to update ref|shallow update not allowed|non-fast-forward|branch is currently checked out|failed to (start transaction|write)|hook declined)/;

/** Ends the run without a push: a newer commit is deployed already. Throws `superseded` unless the run accepts that. */
async function supersede(step: ShipStep, by: DeployRecord, options: DeployOptions): Promise<AttemptResult> {
  if (step.superseded === 'fail') throw supersededError(step, by);
  const urls = by.url ? [by.url] : await askUrls(step.app, options);
  const detail = `superseded: another job has deployed ${by.commit.slice(0, 8)}, which is newer; nothing was shipped`;
  return {
    kind: 'deployed',
    deployed: { urls, shipped: false, detail, supersededBy: by.commit, warning: `${step.app}: ${detail}` },
  };
}
