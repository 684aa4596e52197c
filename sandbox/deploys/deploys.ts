import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeEnv } from '../host/app-env.ts';
import { ownProperty } from '../host/app-properties.ts';
import { acquireLock, releaseLock } from '../host/deploy-lock.ts';
import type { Repositories } from '../host/repositories.ts';
import type { PreReceive } from '../host/serve-git.ts';
import { type Reach, StoppedCommand } from '../host/stages.ts';
import type { App, Build, DeployOutcome, ReleaseOptions, SandboxHost, SandboxState } from '../host/state.ts';
import { detectPortsAnew } from '../nginx/port-maps.ts';
import { build } from './build.ts';
import { createPreReceive } from './pre-receive.ts';
import { endBuild, recordBuild } from './records.ts';
import { DeployAborted, type Release } from './release.ts';
import { runImage } from './run-image.ts';

export interface DeployerOptions {
  readonly folder: string;
  readonly now: () => number;
  /** The PATH on which the programs of apps are found. */
  readonly path: string;
  /** Variables for builds only. */
  readonly buildEnv: Readonly<Record<string, string>>;
  /** How long a web process may take to listen, in milliseconds; 0 to wait as Dokku does. */
  readonly startTimeout: number;
  /** The length of a second of Dokku's waiting for checks, in milliseconds. */
  readonly second: number;
  /** The shortest time that a deploy takes, in milliseconds. */
  readonly deployPace: number;
  readonly state: SandboxState;
  readonly repositories: Repositories;
  readonly urls: (app: App) => string[];
}

interface DeployRun extends Pick<ReleaseOptions, 'from' | 'source' | 'types' | 'reach'> {
  /** The commit to build; '' to start what was built last. */
  readonly commit: string;
  /** Whether the commit is written to the app's configuration: `ps:rebuild` does not. */
  readonly isRecorded: boolean;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** Creates everything that deploys an app: for a push, and for the commands that build or start it again. */
export function createDeployer(options: DeployerOptions): Pick<
  SandboxHost,
  'deploy' | 'receive' | 'recordUnfinished'
> & {
  readonly preReceive: (app: App, reach: Reach) => PreReceive;
} {
  const { now, state, repositories } = options;

  const run = (app: App, asked: DeployRun) => deployOnce(options, app, asked);

  const receive: SandboxHost['receive'] = (app, { out, ...asked }) => {
    const write = (line: string): void => out(`${line}\n`);
    return run(app, { ...asked, from: 'build', isRecorded: true, out: write, err: write });
  };

  const deploy: SandboxHost['deploy'] = async (app, { out, err = out, repeatsErrors = false, ...asked }) => {
    const branch = app.deployBranch ?? state.global.deployBranch ?? 'master';
    const commit = await repositories.idOf(app.name, branch);
    if (commit === undefined && asked.from === 'build') {
      out(
        `\u001b[1G\u001b[K-----> WARNING: Cannot build from '${branch}' as there are no commits stored at that branch.\n`,
      );
      return 1;
    }
    let errors = '';
    const outcome = await run(app, {
      ...asked,
      commit: commit ?? '',
      isRecorded: false,
      out: (line) => out(`${line}\n`),
      err: (line) => {
        errors += `${line}\n`;
        err(`${line}\n`);
      },
    });
    const hasFailed = outcome !== 'deployed' && outcome !== 'killed';
    if (repeatsErrors && hasFailed && errors !== '') err(` !     ${errors}\n`);
    return outcome === 'deployed' ? 0 : outcome === 'killed' ? killedExit : 1;
  };

  const recordUnfinished: SandboxHost['recordUnfinished'] = (app, source) => {
    const made = recordBuild(app, { source, startedAt: now() });
    endBuild(app, made, { outcome: 'abandoned', at: now() });
  };

  const preReceive = (app: App, reach: Reach): PreReceive =>
    createPreReceive(app, {
      global: state.global,
      receive: (commit, { env, out }) =>
        run(app, { commit, env, out, err: out, source: 'git-hook', from: 'build', isRecorded: true, reach }),
    });

  return { deploy, receive, recordUnfinished, preReceive };
}

/** The exit code of a command whose process group got SIGQUIT. */
const killedExit = 131;

/** Deploys an app, with a record of the build and a log. Returns how it ended. */
async function deployOnce(options: DeployerOptions, app: App, asked: DeployRun): Promise<DeployOutcome> {
  const { now, state } = options;
  const control = new AbortController();
  const { killBuild } = state;
  state.killBuild = undefined;
  const made = recordBuild(app, { source: asked.source, startedAt: now() });
  const isBuild = asked.from === 'build';
  const write = (sink: (line: string) => void) => (line: string) => {
    made.log.push(line);
    if (control.signal.aborted) return;
    sink(line);
    if (killBuild?.at.test(line)) control.abort(killBuild.keepsLock ? 'killed' : 'lost');
  };
  const [out, err] = [write(asked.out), write(asked.err)];
  // Only a build takes the lock: a release and a restart run beside it.
  if (isBuild && !acquireLock(app, made.id, control)) {
    for (const line of busyMessage(app)) err(line);
    endBuild(app, made, { outcome: 'abandoned', at: now() });
    return 'locked';
  }
  const paced = pause(options.deployPace, control.signal);
  const outcome = await perform(options, app, { ...asked, out, err }, control.signal);
  if (outcome === 'deployed') await paced;
  return settle(app, { build: made, outcome, control, hasLock: isBuild, at: now() });
}

/** Ends the record of a build and frees its lock. A canceled build has neither any more; a killed one may leave its lock. */
function settle(
  app: App,
  {
    build: made,
    outcome,
    control,
    hasLock,
    at,
  }: {
    readonly build: Build;
    readonly outcome: DeployOutcome;
    readonly control: AbortController;
    readonly hasLock: boolean;
    readonly at: number;
  },
): DeployOutcome {
  const { reason } = control.signal;
  if (reason === 'canceled') return 'killed';
  if (reason === 'killed' || reason === 'lost') {
    endBuild(app, made, { outcome: 'abandoned', at });
    if (reason === 'lost') releaseLock(app, control);
    return 'killed';
  }
  const ends = { deployed: 'succeeded', unreleased: 'failed' } as const;
  const end = outcome === 'deployed' || outcome === 'unreleased' ? ends[outcome] : 'abandoned';
  endBuild(app, made, { outcome: end, at });
  if (hasLock) releaseLock(app, control);
  return outcome;
}

/** Builds and runs, or only runs, an app. */
async function perform(
  options: DeployerOptions,
  app: App,
  asked: DeployRun,
  signal: AbortSignal,
): Promise<DeployOutcome> {
  const { out, err, from, reach = () => {} } = asked;
  const { state, path, buildEnv, startTimeout, second } = options;
  const urls = () => options.urls(app);
  const release: Release = {
    ...{ app, state, urls, path, buildEnv, startTimeout, second },
    ...{ out, err, reach, signal, now: options.now },
  };
  let isBuilt = false;
  try {
    const built = from === 'build' ? await buildCommit(release, options, asked) : app.settings;
    isBuilt = true;
    if (app.image && built) await runImage(release, { image: app.image, ...built }, asked);
    return 'deployed';
  } catch (error) {
    if (error instanceof StoppedCommand) err(error.stderr.trimEnd());
    else if (!(error instanceof DeployAborted)) err(` !     ${(error as Error).message}`);
    // Dokku prints an empty line at the end of what fails after the build.
    if (isBuilt && from !== 'restart') out('');
    return isBuilt ? 'unreleased' : 'unbuilt';
  } finally {
    await removeUnusedFiles(app);
  }
}

/** Builds a commit. The image replaces the one of before at once, whatever becomes of the release. */
async function buildCommit(
  release: Release,
  { folder, repositories }: DeployerOptions,
  { commit, env, isRecorded }: DeployRun,
) {
  const { app, reach, out, signal } = release;
  const files = join(folder, 'releases', `${app.name}-${randomBytes(4).toString('hex')}`);
  app.files.add(files);
  const revision = app.properties.get('git.rev-env-var') ?? 'GIT_REV';
  reach('revision');
  // It is written before the build, and stays if that fails.
  if (isRecorded && revision !== '') await changeEnv(app, (values) => values.set(revision, commit));
  const keepsGit = ownProperty(app, 'git', 'keep-git-dir') === 'true';
  await repositories.extract(app.name, { commit, folder: files, env, keepsGit, out, signal });
  reach('build');
  const { image, settings } = await build(release, { folder: files, commit });
  if (image) {
    app.image = image;
    detectPortsAnew(app);
  }
  return settings;
}

/** Removes the files of images that nothing uses any more. */
async function removeUnusedFiles(app: App): Promise<void> {
  const used = new Set([app.image?.folder, ...app.containers.map(({ folder }) => folder)]);
  for (const folder of app.files) {
    if (used.has(folder)) continue;
    app.files.delete(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

function busyMessage(app: App): string[] {
  return [
    ` !     ${app.name} currently has a deploy lock in place. Exiting...`,
    ` !     Run 'apps:unlock' to release the existing deploy lock`,
  ];
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
