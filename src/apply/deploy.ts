import type { Source } from '../context/context.ts';
import { appDeployed, appRunning, appUrls, rebuildApp } from '../dokku/apps.ts';
import {
  createConfigMask,
  type DeployFailure,
  type DeployOutput,
  readDeployOutput,
} from '../dokku/deploy-output.ts';
import { readUrls } from '../dokku/reports.ts';
import { DeployError, type ErrorCode } from '../errors.ts';
import type { ShipStep } from '../plan/plan.ts';
import { maskUrlPasswords } from '../secret.ts';
import { wasKilledBySignal } from '../source/git.ts';
import type { ChildEnv } from '../source/process.ts';
import { type ShipResult, ship } from '../source/ship.ts';
import type { OnLine } from '../ssh/lines.ts';
import { ask, askAll, type HostAccess, retryDelays } from './ask.ts';
import { type BuildWatcher, watchBuild } from './cancel-build.ts';
import { maxSignalDelay, stopError } from './stop.ts';
import { waitForOthers, waitForOwnDeploy, waitUntilFree } from './wait-until-free.ts';

/** The outcome of the deploy step. */
export interface DeployResult {
  readonly urls: readonly string[];
  /** False when the host already had the commit and runs it. */
  readonly shipped: boolean;
  readonly detail: string;
  /** Something the developer should know about a successful deploy. */
  readonly warning?: string;
}

/** What the deploy step needs besides the host: the source to ship, and where to report progress. */
export interface DeployOptions extends HostAccess {
  readonly source: Source;
  readonly childEnv: ChildEnv;
  /** Called for each line that the host prints, with secrets removed. */
  readonly onLine: OnLine;
  readonly onWait: (message: string) => void;
  readonly warn: (message: string) => void;
}

/**
 * Ships the commit and reads the outcome from the host's output. Waits while another deploy of the app is running, and
 * cancels its own build when the run is stopped.
 *
 * Throws `build-failed`, `release-failed`, `postdeploy-failed`, `unhealthy`, `not-deployed`, `busy`, the errors of
 * `ship` and `ask`, and the stop's.
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

/** Tries until the commit is deployed or a failure is thrown. Lost connections are retried a limited number of times. */
async function retryUntilDeployed(
  step: ShipStep,
  options: DeployOptions,
  build: BuildWatcher,
): Promise<DeployResult> {
  const { now, sleep, stop, onWait } = options;
  let wait = waitForOthers(step, now());
  for (let lostConnections = 0; ; ) {
    if (stop.aborted) throw stopError(stop);
    const result = await attemptDeploy(step, options, build);
    if (result.kind === 'deployed') return result.deployed;
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
    await waitUntilFree(wait, options);
    build.end();
  }
}

/** The outcome of one try. `lost`: the connection dropped; `sent`: everything had been sent, so the host may be building. */
type AttemptResult =
  | { readonly kind: 'deployed'; readonly deployed: DeployResult }
  | { readonly kind: 'busy' }
  | { readonly kind: 'lost'; readonly sent: boolean; readonly error: DeployError };

async function attemptDeploy(
  step: ShipStep,
  options: DeployOptions,
  build: BuildWatcher,
): Promise<AttemptResult> {
  const { host, source, childEnv } = options;
  const { app, branch } = step;
  try {
    const result = await ship({
      host,
      app,
      branch,
      source,
      childEnv,
      onLine: createLineHandler(options, build),
    });
    if (result.kind === 'pushed') return readPushResult(step, result);
    if (result.kind === 'cut-off') return lostConnection(step, result.complete);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    return { kind: 'lost', sent: false, error };
  }
  return deployUnchanged(step, options, build);
}

/** Returns a handler that passes each line of the host to the build watcher and, with secrets removed, to the log. */
function createLineHandler({ onLine }: DeployOptions, build: BuildWatcher): OnLine {
  const maskConfig = createConfigMask();
  return (line) => {
    build.onLine(line);
    onLine(maskUrlPasswords(maskConfig(line)));
  };
}

function readPushResult(step: ShipStep, shipped: ShipResult & { kind: 'pushed' }): AttemptResult {
  const output = readDeployOutput(shipped.lines);
  if (output.failure === 'busy') return { kind: 'busy' };
  if (!output.deployed) throw explainDeployFailure(step, output, shipped.reason);
  const deployed = { urls: output.urls, shipped: true, detail: describePush(shipped) };
  if (shipped.accepted) return { kind: 'deployed', deployed };
  const warning = `${step.app} is deployed, but the host did not store the commit (${shipped.reason ?? 'no reason given'}): the next run deploys it again`;
  return { kind: 'deployed', deployed: { ...deployed, warning } };
}

const failureMessages: Readonly<
  Record<Exclude<DeployFailure, 'busy'>, readonly [ErrorCode, string, string]>
> = {
  build: [
    'build-failed',
    'The host could not build APP.',
    'Fix the build error above and push again. The previous version keeps running.',
  ],
  release: [
    'release-failed',
    'A script of app.json, or the release command of the Procfile, failed before APP was started.',
    'Fix the script and push again. The previous version keeps running. Dokku runs the first-deploy script (scripts.postdeploy) only once, even if it failed.',
  ],
  unhealthy: [
    'unhealthy',
    'The new version of APP did not pass its health checks.',
    'See the app’s output above. It must listen on the port in $PORT. The previous version keeps running.',
  ],
  postdeploy: [
    'postdeploy-failed',
    'The postdeploy script of APP failed. The new version is running anyway.',
    'The running code may be ahead of its database. Fix the script and push again, or run it by hand (dokku run).',
  ],
  'other-branch': [
    'not-deployed',
    'The host received the code of APP, but deploys another branch.',
    'Set the deploy branch on the host: dokku git:set APP deploy-branch BRANCH',
  ],
  canceled: ['build-failed', 'The build of APP was cancelled on the host.', 'Run the job again.'],
  other: [
    'not-deployed',
    'The host did not deploy APP.',
    'Fix what the host’s output above reports, then run the job again.',
  ],
};

function explainDeployFailure(step: ShipStep, output: DeployOutput, reason: string | undefined): DeployError {
  const [code, message, remedy] =
    failureMessages[output.failure === 'busy' ? 'other' : (output.failure ?? 'other')];
  const named = (text: string) => text.replaceAll('APP', step.app).replaceAll('BRANCH', step.branch);
  const said = output.reason.length > 0 ? output.reason : [reason ?? 'the host printed nothing'];
  return new DeployError(code, { message: named(message), remedy: named(remedy), said });
}

function describePush(shipped: ShipResult & { kind: 'pushed' }): string {
  return `${shipped.commit.slice(0, 8)} shipped, ${shipped.bytes} bytes`;
}

function lostConnection({ app }: ShipStep, sent: boolean): AttemptResult {
  return {
    kind: 'lost',
    sent,
    error: new DeployError('host-not-reached', {
      message: `The connection was lost three times while shipping to ${app}.`,
      remedy: 'Run the job again: it continues from what is already done.',
    }),
  };
}

async function deployUnchanged(
  step: ShipStep,
  options: DeployOptions,
  build: BuildWatcher,
): Promise<AttemptResult> {
  const rebuildBecause = (reason: string) => rebuildOnHost(step, { options, build, reason });
  if (step.rebuild) return rebuildBecause('the host already has the commit');
  const commands = [appDeployed, appRunning, appUrls].map((command) => command(step.app));
  const [deployed, running, urls] = await askAll(commands, options);
  const isTrue = (answer: typeof deployed) => answer?.kind === 'answered' && answer.stdout.trim() === 'true';
  if (!isTrue(deployed) || !isTrue(running)) return rebuildBecause('it was not running');
  return {
    kind: 'deployed',
    deployed: {
      urls: urls?.kind === 'answered' ? readUrls(urls.stdout) : [],
      shipped: false,
      detail: 'the host already runs this commit',
    },
  };
}

interface RebuildOptions {
  readonly options: DeployOptions;
  readonly build: BuildWatcher;
  readonly reason: string;
}

async function rebuildOnHost(
  step: ShipStep,
  { options, build, reason }: RebuildOptions,
): Promise<AttemptResult> {
  const onLine = createLineHandler(options, build);
  const lines: string[] = [];
  const answer = await ask(rebuildApp(step.app), options, (line) => {
    lines.push(line);
    onLine(line);
  });
  const output = readDeployOutput(lines);
  // If the command was sent again after a lost connection, the host may still be running the first one.
  if (output.failure === 'busy') return answer.attempts > 1 ? lostConnection(step, true) : { kind: 'busy' };
  if (!output.deployed)
    throw explainDeployFailure(step, output, answer.kind === 'refused' ? answer.stderr.trim() : undefined);
  return {
    kind: 'deployed',
    deployed: { urls: output.urls, shipped: true, detail: `rebuilt: ${reason}` },
  };
}
