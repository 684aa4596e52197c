import type { ShipStep, StepShipment } from '../plan/plan.ts';
import { wasKilledBySignal } from '../source/git.ts';
import type { ShipOptions } from '../source/ship-types.ts';
import { transfer } from '../source/transfer.ts';
import { retryDelays } from './ask.ts';
import { type AttemptOptions, attemptDeploy } from './attempt-deploy.ts';
import { attemptImage } from './attempt-image.ts';
import { attemptSync } from './attempt-sync.ts';
import { type BuildWatcher, watchBuild } from './cancel-build.ts';
import type { AttemptResult, DeployOptions, DeployResult } from './deploy-types.ts';
import { giveWay } from './give-way.ts';
import { maxSignalDelay, stopError } from './stop.ts';
import { deadLockError, waitForOthers, waitForOwnDeploy, waitUntilFree } from './wait-until-free.ts';

/**
 * Ships what the step names and determines the outcome. Waits while another deploy of the app is running, and cancels its own
 * build when the run is stopped.
 *
 * Throws `build-failed`, `release-failed`, `postdeploy-failed`, `unhealthy`, `not-deployed`, `busy`, `superseded`, the
 * errors of `ship` and `ask`, and the stop's.
 */
export async function performShip(step: ShipStep, options: DeployOptions): Promise<DeployResult> {
  using build = watchBuild(step.app, options);
  try {
    return await retryUntilDeployed(step, options, build);
  } catch (error) {
    if (wasKilledBySignal(error)) await options.sleep(maxSignalDelay);
    if (!options.stop.aborted) throw error;
    await build.waitForCancel();
    throw stopError(options.stop);
  }
}

/** After how many refused pushes without a running build the lock counts as dead. */
const maxRefusals = 3;

/** Tries until the commit is deployed or a failure is thrown. Lost connections are retried a limited number of times. */
async function retryUntilDeployed(
  step: ShipStep,
  options: DeployOptions,
  build: BuildWatcher,
): Promise<DeployResult> {
  const { now, sleep, stop, onWait } = options;
  let wait = waitForOthers(step, now());
  let seen = step.running;
  let lostConnections = 0;
  let refusals = 0;
  for (let checks = step.checkFirst; ; checks = true) {
    if (stop.aborted) throw stopError(stop);
    const tried = await attempt(step, { options, build, seen, checks });
    const mustGiveWay = tried.kind === 'changed' && step.releases !== undefined;
    const result = mustGiveWay ? await giveWay(step, tried.running, options) : tried;
    if (result.kind === 'deployed') return result.deployed;
    if (result.kind === 'changed') {
      seen = result.running;
      continue;
    }
    if (result.kind === 'lost') {
      const delay = retryDelays[lostConnections];
      if (delay === undefined) throw result.error;
      lostConnections += 1;
      if (!result.sent) {
        onWait(`lost the connection while shipping to ${step.app}: trying again`);
        await sleep(delay);
        continue;
      }
      // The build continues without us. Once it has ended, the next push shows whether the host kept the commit.
      wait = waitForOwnDeploy(step, now(), delay);
    }
    const freedom = await waitUntilFree(wait, options);
    const isDead = freedom === 'idle' && result.kind === 'busy' && result.refused;
    refusals = isDead ? refusals + 1 : 0;
    if (refusals === maxRefusals) throw deadLockError(step);
    build.end();
  }
}

/** Tries once. What surrounds a try is the same for everything that can be shipped. */
function attempt(step: ShipStep, options: AttemptOptions): Promise<AttemptResult> {
  const { shipment } = step;
  switch (shipment.kind) {
    case 'commit':
      return attemptDeploy(step, options);
    case 'transfer':
      return attemptDeploy(step, { ...options, send: sendFrom(shipment, step, options.options) });
    case 'sync':
      return attemptSync(step, shipment, options);
    default:
      return attemptImage(step, shipment, options);
  }
}

/** Returns the function that sends a commit of another host's app. */
function sendFrom(
  { from, revision }: StepShipment & { readonly kind: 'transfer' },
  { commit = '' }: ShipStep,
  { sourceHost }: DeployOptions,
) {
  if (!sourceHost) throw new Error('a transfer needs the host that it is from');
  return (to: ShipOptions) => transfer({ host: sourceHost, app: from, revision, commit }, to);
}
