import type { Source } from '../context/context.ts';
import { appDeployed, appRunning, appUrls, rebuildApp } from '../dokku/apps.ts';
import {
  type DeployReading,
  type DeployTrouble,
  hidingConfigValues,
  readDeploy,
} from '../dokku/deploy-output.ts';
import { readUrls } from '../dokku/reports.ts';
import { DeployError, type ErrorCode } from '../errors.ts';
import type { ShipStep } from '../plan/plan.ts';
import { withoutPasswords } from '../secret.ts';
import { endedBySignal } from '../source/git.ts';
import type { ChildWorld } from '../source/process.ts';
import { type Shipped, ship } from '../source/ship.ts';
import { ask, askAll, type Means, pauses } from './ask.ts';
import { type OwnBuild, ownBuild } from './cancel-build.ts';
import type { Say } from './steps.ts';
import { signalGap, stopped } from './stop.ts';
import { forOthers, forOurOwn, waitUntilFree } from './wait-until-free.ts';

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

/**
 * Ships the commit and reads from the host's own words what came of it. Waits for an app that is being deployed; on a
 * stop it cancels a build of its own.
 *
 * Raises `build-failed`, `release-failed`, `postdeploy-failed`, `unhealthy`, `not-deployed`, `busy`, the errors
 * of `ship` and `ask`, and the stop's.
 */
export async function performShip(step: ShipStep, deploying: Deploying): Promise<Deployed> {
  using build = ownBuild(step.app, deploying);
  try {
    return await untilDeployed(step, deploying, build);
  } catch (error) {
    if (endedBySignal(error)) await deploying.pause(signalGap);
    if (!deploying.stop.aborted) throw error;
    await build.cancelled();
    throw stopped(deploying.stop);
  }
}

/** Tries until it is deployed, or a failure is raised: again after a lost connection, but not for ever. */
async function untilDeployed(step: ShipStep, deploying: Deploying, build: OwnBuild): Promise<Deployed> {
  const { now, pause, stop, waiting } = deploying;
  let wait = forOthers(step, now());
  for (let losses = 0; ; ) {
    if (stop.aborted) throw stopped(stop);
    const came = await attempt(step, deploying, build);
    if (came.kind === 'deployed') return came.deployed;
    if (came.kind === 'lost') {
      const rest = pauses[losses];
      if (rest === undefined) throw came.error;
      losses += 1;
      if (!came.sent) {
        waiting(`the connection was lost while ${step.app} was being shipped: trying again`);
        await pause(rest);
        continue;
      }
      // The build runs on without us: when it is over, the host has the commit or it does not.
      wait = forOurOwn(step, now(), rest);
    }
    await waitUntilFree(wait, deploying);
    build.over();
  }
}

/** What one try came to. `lost`: the connection; `sent`: after all had been sent, so that the host may be building. */
type Attempt =
  | { readonly kind: 'deployed'; readonly deployed: Deployed }
  | { readonly kind: 'busy' }
  | { readonly kind: 'lost'; readonly sent: boolean; readonly error: DeployError };

async function attempt(step: ShipStep, deploying: Deploying, build: OwnBuild): Promise<Attempt> {
  const { host, source, child } = deploying;
  const { app, branch } = step;
  try {
    const shipped = await ship({ host, app, branch, source, child, onLine: teller(deploying, build) });
    if (shipped.kind === 'pushed') return afterPush(step, shipped);
    if (shipped.kind === 'cut-off') return lost(step, shipped.whole);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    return { kind: 'lost', sent: false, error };
  }
  return nothingNew(step, deploying, build);
}

/** Tells the host's own words, without what is secret in them. */
function teller({ say }: Deploying, build: OwnBuild): (line: string) => void {
  const hide = hidingConfigValues();
  return (line) => {
    build.hear(line);
    say(withoutPasswords(hide(line)));
  };
}

function afterPush(step: ShipStep, shipped: Shipped & { kind: 'pushed' }): Attempt {
  const reading = readDeploy(shipped.lines);
  if (reading.trouble === 'busy') return { kind: 'busy' };
  if (!reading.deployed) throw failure(step, reading, shipped.reason);
  const deployed = { urls: reading.urls, shipped: true, note: describe(shipped) };
  if (shipped.accepted) return { kind: 'deployed', deployed };
  const warning = `${step.app} is deployed, but the host did not keep the commit (${shipped.reason ?? 'no reason given'}): the next run deploys it again`;
  return { kind: 'deployed', deployed: { ...deployed, warning } };
}

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

function failure(step: ShipStep, reading: DeployReading, reason: string | undefined): DeployError {
  const [code, message, remedy] =
    failures[reading.trouble === 'busy' ? 'other' : (reading.trouble ?? 'other')];
  const named = (text: string) => text.replaceAll('APP', step.app).replaceAll('BRANCH', step.branch);
  const said = reading.reason.length > 0 ? reading.reason : [reason ?? 'the host said nothing'];
  return new DeployError(code, { message: named(message), remedy: named(remedy), said });
}

function describe(shipped: Shipped & { kind: 'pushed' }): string {
  return `${shipped.commit.slice(0, 8)} shipped, ${shipped.bytes} bytes`;
}

function lost({ app }: ShipStep, sent: boolean): Attempt {
  return {
    kind: 'lost',
    sent,
    error: new DeployError('host-not-reached', {
      message: `The connection was lost while ${app} was being shipped, three times.`,
      remedy: 'Run the job again: what was done is found, and the rest is done.',
    }),
  };
}

async function nothingNew(step: ShipStep, deploying: Deploying, build: OwnBuild): Promise<Attempt> {
  const again = (why: string) => rebuild(step, { deploying, build, why });
  if (step.rebuild) return again('the host has the commit already');
  const commands = [appDeployed, appRunning, appUrls].map((command) => command(step.app));
  const [deployed, running, urls] = await askAll(commands, deploying);
  const isTrue = (fact: typeof deployed) => fact?.kind === 'answered' && fact.stdout.trim() === 'true';
  if (!isTrue(deployed) || !isTrue(running)) return again('it was not running');
  return {
    kind: 'deployed',
    deployed: {
      urls: urls?.kind === 'answered' ? readUrls(urls.stdout) : [],
      shipped: false,
      note: 'the host has this commit, and it runs',
    },
  };
}

interface Rebuilding {
  readonly deploying: Deploying;
  readonly build: OwnBuild;
  readonly why: string;
}

async function rebuild(step: ShipStep, { deploying, build, why }: Rebuilding): Promise<Attempt> {
  const tell = teller(deploying, build);
  const lines: string[] = [];
  const fact = await ask(rebuildApp(step.app), deploying, (line) => {
    lines.push(line);
    tell(line);
  });
  const reading = readDeploy(lines);
  // Asked again after a lost connection, the host may still be at what was asked first.
  if (reading.trouble === 'busy') return fact.tries > 1 ? lost(step, true) : { kind: 'busy' };
  if (!reading.deployed)
    throw failure(step, reading, fact.kind === 'refused' ? fact.stderr.trim() : undefined);
  return {
    kind: 'deployed',
    deployed: { urls: reading.urls, shipped: true, note: `built again: ${why}` },
  };
}
