import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeEnv } from '../host/app-env.ts';
import type { AppManifest } from '../host/app-files.ts';
import type { Image } from '../host/image.ts';
import type { PreReceive, Push, Repositories } from '../host/repositories.ts';
import { type Reach, StoppedCommand } from '../host/stages.ts';
import type { App, SandboxHost, SandboxState } from '../host/state.ts';
import { buildIn, readManifestOrFail, selectBuildpacks } from './build.ts';
import { endBuild, recordBuild } from './records.ts';
import { DeployAborted, type Release, runRelease, runTask } from './release.ts';
import { announceChecks, startAndCheck, switchToNew } from './web-deploy.ts';

export interface DeployerOptions {
  readonly folder: string;
  readonly now: () => number;
  /** The PATH on which the programs of apps are found. */
  readonly path: string;
  /** Variables for builds only. */
  readonly buildEnv: Readonly<Record<string, string>>;
  /** How long a web process may take to listen, in milliseconds. */
  readonly startTimeout: number;
  /** The shortest time that a deploy takes, in milliseconds. */
  readonly deployPace: number;
  readonly state: SandboxState;
  readonly repositories: Repositories;
  readonly urls: (app: App) => string[];
}

interface DeployRun {
  readonly commit: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly out: (line: string) => void;
  readonly source: string;
  readonly from: 'build' | 'release' | 'restart';
  readonly reach?: Reach | undefined;
}

/** Creates everything that deploys an app: for a push, and for the commands that build or start it again. */
export function createDeployer(options: DeployerOptions): Pick<SandboxHost, 'deploy' | 'recordFailure'> & {
  readonly preReceive: (app: App, reach: Reach) => PreReceive;
} {
  const { folder, now, path, startTimeout, buildEnv, state, repositories } = options;

  const build = async (release: Release, { commit, env }: DeployRun): Promise<Image> => {
    const files = join(folder, 'releases', `${release.app.name}-${randomBytes(4).toString('hex')}`);
    await repositories.extract(release.app.name, commit, { folder: files, env });
    if (!release.app.scale.has('web')) release.app.scale.set('web', 1);
    try {
      release.reach('build');
      selectBuildpacks(release, readManifestOrFail(release, files));
      return { folder: files, recipe: await buildIn(release, files), commit };
    } catch (error) {
      await rm(files, { recursive: true, force: true });
      throw error;
    }
  };

  const perform = async (app: App, run: DeployRun, signal: AbortSignal): Promise<boolean> => {
    const { out, from, reach = () => {} } = run;
    const release: Release = {
      app,
      state,
      urls: () => options.urls(app),
      path,
      buildEnv,
      startTimeout,
      out,
      reach,
      signal,
    };
    const old = app.image;
    let image: Image | undefined;
    try {
      image = from !== 'build' && old ? old : await build(release, run);
      await runImage(release, image, readManifestOrFail(release, image.folder), from);
      return true;
    } catch (error) {
      if (error instanceof StoppedCommand) out(error.stderr.trimEnd());
      else if (!(error instanceof DeployAborted)) throw error;
      // Dokku prints an empty line at the end of what fails after the build.
      if (image) out('');
      return false;
    } finally {
      // Nothing uses the files of the previous version, or of one that failed, any more.
      for (const left of [old, image]) {
        if (left && app.image !== left) await rm(left.folder, { recursive: true, force: true });
      }
    }
  };

  const deploy = async (app: App, asked: DeployRun): Promise<boolean> => {
    const log: string[] = [];
    const control = new AbortController();
    const killAt = state.killBuildAt;
    state.killBuildAt = undefined;
    const out = (line: string): void => {
      log.push(line);
      asked.out(line);
      if (killAt?.test(line)) control.abort('killed');
    };
    const kind = asked.from === 'build' ? 'build' : 'deploy';
    const made = recordBuild(app, { source: asked.source, kind, startedAt: now() }, log);
    if (app.deployController) {
      for (const line of busyMessage(app)) out(line);
      endBuild(app, made, { outcome: 'abandoned', at: now() });
      return false;
    }
    app.deployController = control;
    let good = false;
    try {
      // It stays after a failed deploy.
      if (asked.from === 'build') {
        const name = app.properties.get('git.rev-env-var') ?? 'GIT_REV';
        asked.reach?.('revision');
        await changeEnv(app, (env) => env.set(name, asked.commit));
      }
      const paced = pause(options.deployPace, control.signal);
      good = await perform(app, { ...asked, out }, control.signal);
      if (good) await paced;
      if (good && asked.source === 'git-hook') {
        app.properties.set('deploy-source', 'git-push');
        app.properties.set('deploy-source-metadata', asked.commit);
      }
    } catch (error) {
      out(error instanceof StoppedCommand ? error.stderr.trimEnd() : ` !     ${(error as Error).message}`);
    } finally {
      const failed = control.signal.reason === 'canceled' ? 'canceled' : 'abandoned';
      endBuild(app, made, { outcome: good ? 'succeeded' : failed, at: now() });
      app.deployController = undefined;
      app.locked = false;
    }
    return good;
  };

  const chooseBranch = (app: App, branch: string | undefined, push: Push): string => {
    if (app.deployBranch === undefined && branch !== undefined && branch !== 'master') {
      push.out(warning(`Set ${branch} as deploy-branch`));
      app.deployBranch = branch;
    }
    return app.deployBranch ?? 'master';
  };

  const preReceive =
    (app: App, reach: Reach): PreReceive =>
    async (push) => {
      for (const { ref, newId } of push.updates) {
        const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
        const wanted = chooseBranch(app, branch, push);
        if (branch !== wanted) {
          push.out(warning(`WARNING: deploy did not complete, you must push to ${wanted}.`));
          push.out(warning(`for example, try 'git push <dokku> ${branch ?? ref}:${wanted}'`));
          continue;
        }
        const { env, out } = push;
        if (!(await deploy(app, { commit: newId, env, out, source: 'git-hook', from: 'build', reach })))
          return false;
      }
      return true;
    };

  const release: SandboxHost['deploy'] = async (app, { out, source, from, reach }) => {
    const branch = app.deployBranch ?? 'master';
    const commit = await repositories.idOf(app.name, branch);
    if (commit === undefined && from === 'build') {
      out(
        `${warning(`WARNING: Cannot build from '${branch}' as there are no commits stored at that branch.`)}\n`,
      );
      return 1;
    }
    const writeLine = (line: string): void => out(`${line}\n`);
    return (await deploy(app, { commit: commit ?? '', out: writeLine, source, from, reach })) ? 0 : 1;
  };

  const recordFailure: SandboxHost['recordFailure'] = (app, source) => {
    const made = recordBuild(app, { source, kind: 'build', startedAt: now() });
    endBuild(app, made, { outcome: 'abandoned', at: now() });
  };

  return { deploy: release, recordFailure, preReceive };
}

/** Releases an image: its tasks, its processes, and the postdeploy script last. If that fails, the new version keeps running. */
async function runImage(
  release: Release,
  image: Image,
  manifest: AppManifest,
  from: DeployRun['from'],
): Promise<void> {
  const { app, out } = release;
  app.canScale = manifest.formation === undefined;
  if (from !== 'restart') {
    release.reach('release');
    await runRelease(release, image, manifest);
    announceChecks(release, manifest);
  }
  for (const [type, { quantity = 1 }] of Object.entries(manifest.formation ?? {}))
    app.scale.set(type, quantity);
  release.reach('check');
  const started = await startAndCheck(release, image, manifest);
  try {
    release.reach('switch');
  } catch (error) {
    await started?.web.stop();
    throw error;
  }
  const replaced = await switchToNew(release, image, started);
  release.reach('postdeploy');
  const { postdeploy } = manifest.scripts?.dokku ?? {};
  await runTask(release, image, {
    name: 'postdeploy',
    command: postdeploy,
    from: 'app.json in ephemeral container',
  });
  if (replaced) out('-----> Shutting down old containers in 60 seconds');
  if (from === 'restart') return;
  out('=====> Application deployed:');
  for (const url of release.urls()) out(`       ${url}`);
  out('');
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

// Dokku's hook clears the line in front of a warning.
function warning(text: string): string {
  return `\u001b[1G\u001b[K-----> ${text}`;
}
