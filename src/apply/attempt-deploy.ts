import { judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { DeployError } from '../errors.ts';
import type { ShipStep } from '../plan/plan.ts';
import { type ShipResult, ship } from '../source/ship.ts';
import type { BuildWatcher } from './cancel-build.ts';
import { deployFailureError, lostConnection } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { createLineHandler, deployUnchanged } from './rebuild.ts';
import { askDeployedRevision, askUrls } from './what-runs.ts';

/**
 * Ships the commit once, or rebuilds it if the host already has it, and decides what became of it.
 *
 * Throws what `performShip` throws, except for a lost connection and a busy app.
 */
export async function attemptDeploy(
  step: ShipStep,
  options: DeployOptions,
  build: BuildWatcher,
): Promise<AttemptResult> {
  const { host, source, childEnv } = options;
  const { app, branch } = step;
  const onLine = createLineHandler(options, build);
  try {
    const result = await ship({ host, app, branch, source, childEnv, onLine });
    if (result.kind === 'pushed') return await judgePush(step, options, result);
    if (result.kind === 'cut-off') return lostConnection(step, result.complete);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    return { kind: 'lost', sent: false, error };
  }
  return deployUnchanged(step, options, build);
}

type Push = ShipResult & { readonly kind: 'pushed' };

async function judgePush(step: ShipStep, options: DeployOptions, push: Push): Promise<AttemptResult> {
  const output = readDeployOutput(push.lines);
  if (output.failure === 'busy' && !push.accepted) return { kind: 'busy' };
  const verdict = judgeDeploy(output, readRefStatus(push));
  if (verdict === 'deployed') return deployed(step, push, output.urls);
  const isDeployed =
    verdict === 'unclear' && (await askDeployedRevision(step.app, options)) === push.revision;
  if (!isDeployed) throw deployFailureError(step, output, push.reason);
  return deployed(step, push, await askUrls(step.app, options));
}

/** Dokku deploys in git's pre-receive hook; git refuses a ref for reasons of its own only after the hook succeeded. */
function readRefStatus({ accepted, reason }: Push) {
  if (accepted) return 'stored';
  return reason === undefined || !reasonsAfterHook.test(reason) ? 'declined' : 'not-stored';
}

// From git's builtin/receive-pack.c; a deploy that failed reads "pre-receive hook declined".
const reasonsAfterHook =
  /^(failed to update ref|shallow update not allowed|non-fast-forward|branch is currently checked out|failed to (start transaction|write)|hook declined)/;

function deployed(step: ShipStep, push: Push, urls: readonly string[]): AttemptResult {
  const detail = `${push.commit.slice(0, 8)} shipped, ${push.bytes} bytes`;
  const result = { urls, shipped: true, detail };
  if (push.accepted) return { kind: 'deployed', deployed: result };
  const warning = `${step.app} is deployed, but the host did not store the commit (${push.reason ?? 'no reason given'}): the next run deploys it again`;
  return { kind: 'deployed', deployed: { ...result, warning } };
}
