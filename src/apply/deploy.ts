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

/** What became of the code. */
export interface DeployResult {
  readonly urls: readonly string[];
  /** False: the host had the commit, and it runs. */
  readonly shipped: boolean;
  readonly detail: string;
  /** Something that the developer should know although the deploy is good. */
  readonly warning?: string;
}

/** The deploy step's surroundings: the source to ship, and how to tell what goes on. */
export interface DeployOptions extends HostAccess {
  readonly source: Source;
  readonly childEnv: ChildEnv;
  /** Gets each line that the host prints, without what is secret in it. */
  readonly onLine: OnLine;
  readonly onWait: (message: string) => void;
  readonly warn: (message: string) => void;
}

/**
 * Ships the commit and reads from the host's own words what came of it. Waits for an app that is being deployed; on a
 * stop it cancels a build of its own.
 *
 * Raises `build-failed`, `release-failed`, `postdeploy-failed`, `unhealthy`, `not-deployed`, `busy`, the errors
 * of `ship` and `ask`, and the stop's.
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

/** Tries until it is deployed, or a failure is raised: again after a lost connection, but not for ever. */
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
        onWait(`the connection was lost while ${step.app} was being shipped: trying again`);
        await sleep(delay);
        continue;
      }
      // The build runs on without us: when it is over, the host has the commit or it does not.
      wait = waitForOwnDeploy(step, now(), delay);
    }
    await waitUntilFree(wait, options);
    build.end();
  }
}

/** What one try came to. `lost`: the connection; `sent`: after all had been sent, so that the host may be building. */
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

/** Returns the handler of the host's lines: the build watches them, and they are shown without what is secret in them. */
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
  const warning = `${step.app} is deployed, but the host did not keep the commit (${shipped.reason ?? 'no reason given'}): the next run deploys it again`;
  return { kind: 'deployed', deployed: { ...deployed, warning } };
}

const failureMessages: Readonly<
  Record<Exclude<DeployFailure, 'busy'>, readonly [ErrorCode, string, string]>
> = {
  build: [
    'build-failed',
    'The host could not build APP.',
    'Mend what the build says, and push again. What ran before still runs.',
  ],
  release: [
    'release-failed',
    'A script of app.json or the Procfile’s release line failed before APP was started.',
    'Mend the script, and push again. What ran before still runs. Scripts of a first deploy (scripts.postdeploy) are not run a second time by Dokku.',
  ],
  unhealthy: [
    'unhealthy',
    'The new version of APP did not pass its checks.',
    'See the app’s own output above. It must listen on the port in $PORT; what ran before still runs.',
  ],
  postdeploy: [
    'postdeploy-failed',
    'The postdeploy script of APP failed, and the new version runs all the same.',
    'The code that runs may be ahead of its database: mend the script and push again, or run it by hand (dokku run).',
  ],
  'other-branch': [
    'not-deployed',
    'The host took the code of APP but deploys another branch.',
    'Set the branch on the host: dokku git:set APP deploy-branch BRANCH',
  ],
  canceled: ['build-failed', 'The build of APP was cancelled on the host.', 'Run the job again.'],
  other: [
    'not-deployed',
    'The host did not deploy APP.',
    'See the host’s words above; after mending, run the job again.',
  ],
};

function explainDeployFailure(step: ShipStep, output: DeployOutput, reason: string | undefined): DeployError {
  const [code, message, remedy] =
    failureMessages[output.failure === 'busy' ? 'other' : (output.failure ?? 'other')];
  const named = (text: string) => text.replaceAll('APP', step.app).replaceAll('BRANCH', step.branch);
  const said = output.reason.length > 0 ? output.reason : [reason ?? 'the host said nothing'];
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
      message: `The connection was lost while ${app} was being shipped, three times.`,
      remedy: 'Run the job again: what was done is found, and the rest is done.',
    }),
  };
}

async function deployUnchanged(
  step: ShipStep,
  options: DeployOptions,
  build: BuildWatcher,
): Promise<AttemptResult> {
  const rebuildBecause = (reason: string) => rebuildOnHost(step, { options, build, reason });
  if (step.rebuild) return rebuildBecause('the host has the commit already');
  const commands = [appDeployed, appRunning, appUrls].map((command) => command(step.app));
  const [deployed, running, urls] = await askAll(commands, options);
  const isTrue = (answer: typeof deployed) => answer?.kind === 'answered' && answer.stdout.trim() === 'true';
  if (!isTrue(deployed) || !isTrue(running)) return rebuildBecause('it was not running');
  return {
    kind: 'deployed',
    deployed: {
      urls: urls?.kind === 'answered' ? readUrls(urls.stdout) : [],
      shipped: false,
      detail: 'the host has this commit, and it runs',
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
  // Asked again after a lost connection, the host may still be at what was asked first.
  if (output.failure === 'busy') return answer.attempts > 1 ? lostConnection(step, true) : { kind: 'busy' };
  if (!output.deployed)
    throw explainDeployFailure(step, output, answer.kind === 'refused' ? answer.stderr.trim() : undefined);
  return {
    kind: 'deployed',
    deployed: { urls: output.urls, shipped: true, detail: `built again: ${reason}` },
  };
}
