import type { Source } from '../context/context.ts';
import { appDeployed, appLocked, appRunning, appUrls, cancelBuild, rebuildApp } from '../dokku/apps.ts';
import {
  type DeployReading,
  type DeployTrouble,
  hidingConfigValues,
  readDeploy,
} from '../dokku/deploy-output.ts';
import { cleanLine, readRefusal, withoutPasswords } from '../dokku/refusals.ts';
import { readUrls } from '../dokku/reports.ts';
import { DeployError, type ErrorCode } from '../errors.ts';
import type { ChildWorld } from '../host/process.ts';
import type { ShipStep } from '../plan/plan.ts';
import { endedBySignal } from '../source/git.ts';
import { type Shipped, ship } from '../source/ship.ts';
import { ask, type Means, stopped } from './asking.ts';
import type { Say } from './perform.ts';

/** What became of the code. */
export interface Deployed {
  readonly urls: readonly string[];
  /** False: the host had the commit, and it runs. */
  readonly shipped: boolean;
  readonly note: string;
  /** Something that the developer should know although the deploy is good. */
  readonly warning?: string;
}

/** The deploy step's surroundings: the source to ship, and how to tell what goes on. */
export interface Deploying extends Means {
  readonly source: Source;
  readonly child: ChildWorld;
  readonly say: Say;
  readonly waiting: (message: string) => void;
  readonly warn: (message: string) => void;
}

const pollEvery = 5_000;
const tellEvery = 30_000;

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1_000)} s`;

const busy = (step: ShipStep): DeployError =>
  new DeployError('busy', {
    message: `Another deploy of ${step.app} is still under way after ${step.waitSeconds} s.`,
    remedy: `Try again later, or wait longer with --wait. If nothing deploys on the host, its lock was left behind: dokku apps:unlock ${step.app}`,
  });

/** Waits until nobody deploys the app. Raises `busy` at the deadline (milliseconds since the epoch). */
const waitUntilFree = async (step: ShipStep, deploying: Deploying, deadline: number): Promise<void> => {
  const since = deploying.now();
  let told = since;
  deploying.waiting(`${step.app} is being deployed by somebody else: waiting up to ${step.waitSeconds} s`);
  for (;;) {
    if (deploying.stop.aborted) throw stopped(deploying.stop);
    const fact = await ask(appLocked(step.app), deploying);
    if (fact.kind === 'refused') return;
    const now = deploying.now();
    if (now >= deadline) throw busy(step);
    if (now - told >= tellEvery) {
      deploying.waiting(`still waiting for the other deploy of ${step.app} (${seconds(now - since)})`);
      told = now;
    }
    await deploying.pause(Math.min(pollEvery, deadline - now));
  }
};

const failures: Readonly<Record<Exclude<DeployTrouble, 'busy'>, readonly [ErrorCode, string, string]>> = {
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

const failure = (step: ShipStep, reading: DeployReading, reason: string | undefined): DeployError => {
  const [code, message, remedy] =
    failures[reading.trouble === 'busy' ? 'other' : (reading.trouble ?? 'other')];
  const named = (text: string) => text.replaceAll('APP', step.app).replaceAll('BRANCH', step.branch);
  const said = reading.reason.length > 0 ? reading.reason : [reason ?? 'the host said nothing'];
  return new DeployError(code, { message: named(message), remedy: named(remedy), said });
};

const rebuild = async (step: ShipStep, deploying: Deploying, why: string): Promise<Deployed | 'busy'> => {
  const hide = hidingConfigValues();
  const lines: string[] = [];
  const fact = await ask(rebuildApp(step.app), deploying, (line) => {
    lines.push(line);
    deploying.say(withoutPasswords(hide(cleanLine(line))));
  });
  const reading = readDeploy(lines);
  if (reading.trouble === 'busy') return 'busy';
  if (!reading.deployed)
    throw failure(step, reading, fact.kind === 'refused' ? fact.stderr.trim() : undefined);
  return { urls: reading.urls, shipped: true, note: `built again: ${why}` };
};

const nothingNew = async (step: ShipStep, deploying: Deploying): Promise<Deployed | 'busy'> => {
  if (step.rebuild) return rebuild(step, deploying, 'the host has the commit already');
  const commands = [appDeployed, appRunning, appUrls].map((command) => ask(command(step.app), deploying));
  const [deployed, running, urls] = await Promise.all(commands);
  const isTrue = (fact: typeof deployed) => fact?.kind === 'answered' && fact.stdout.trim() === 'true';
  if (!isTrue(deployed) || !isTrue(running)) return rebuild(step, deploying, 'it was not running');
  return {
    urls: urls?.kind === 'answered' ? readUrls(urls.stdout) : [],
    shipped: false,
    note: 'the host has this commit, and it runs',
  };
};

const describe = (shipped: Shipped & { kind: 'pushed' }): string =>
  `${shipped.commit.slice(0, 8)} shipped, ${shipped.bytes} bytes`;

const afterPush = (step: ShipStep, shipped: Shipped & { kind: 'pushed' }): Deployed | 'busy' => {
  const reading = readDeploy(shipped.lines);
  if (reading.trouble === 'busy') return 'busy';
  if (!reading.deployed) throw failure(step, reading, shipped.reason);
  const deployed = { urls: reading.urls, shipped: true, note: describe(shipped) };
  if (shipped.accepted) return deployed;
  const warning = `${step.app} is deployed, but the host did not keep the commit (${shipped.reason ?? 'no reason given'}): the next run deploys it again`;
  return { ...deployed, warning };
};

const cancelOnStop = (step: ShipStep, deploying: Deploying): Disposable & { done: Promise<void> } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = async () => {
    const said = await deploying.host
      .ask({ line: cancelBuild(step.app).words.join(' ') })
      .catch(() => undefined);
    const unknown = said?.kind === 'refused' && readRefusal(said) === 'unknown-command';
    if (said?.kind === 'answered')
      deploying.warn(`told to stop: the build of ${step.app} was cancelled on the host`);
    if (unknown)
      deploying.warn(
        `told to stop: this Dokku cannot cancel builds, so that of ${step.app} runs on to its end`,
      );
    resolve();
  };
  const listener = () => void cancel();
  deploying.stop.addEventListener('abort', listener, { once: true });
  return { done: promise, [Symbol.dispose]: () => deploying.stop.removeEventListener('abort', listener) };
};

const attempt = async (step: ShipStep, deploying: Deploying): Promise<Deployed | 'busy'> => {
  const hide = hidingConfigValues();
  const shipped = await ship({
    host: deploying.host,
    app: step.app,
    branch: step.branch,
    source: deploying.source,
    child: deploying.child,
    onLine: (line) => deploying.say(withoutPasswords(hide(line))),
  });
  if (shipped.kind === 'nothing-new') return nothingNew(step, deploying);
  // The build runs on without us: when it is over, the host has the commit or it does not.
  if (shipped.kind === 'cut-off') return 'busy';
  return afterPush(step, shipped);
};

/**
 * Ships the commit and reads from the host's own words what came of it. Waits for an app that is being deployed; on a
 * stop it cancels the build.
 *
 * Raises `build-failed`, `release-failed`, `postdeploy-failed`, `unhealthy`, `not-deployed`, `busy`, the errors
 * of `ship` and `ask`, and the stop's.
 */
export const performShip = async (step: ShipStep, deploying: Deploying): Promise<Deployed> => {
  const deadline = deploying.now() + step.waitSeconds * 1_000;
  using cancelling = cancelOnStop(step, deploying);
  const stopHere = async (): Promise<never> => {
    await Promise.race([cancelling.done, deploying.patience(4_000)]);
    throw stopped(deploying.stop);
  };
  for (;;) {
    try {
      const deployed = await attempt(step, deploying);
      if (deployed !== 'busy') return deployed;
    } catch (error) {
      // A runner ends our git up to some seconds before it tells us to stop.
      if (endedBySignal(error)) await Promise.race([cancelling.done, deploying.patience(8_000)]);
      if (deploying.stop.aborted) return stopHere();
      throw error;
    }
    if (deploying.stop.aborted) return stopHere();
    await waitUntilFree(step, deploying, deadline);
  }
};
