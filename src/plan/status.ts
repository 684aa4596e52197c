import type { Context } from '../context/context.ts';
import { readReleases } from './deploy-record.ts';
import { type AppState, type HostState, runningVersion } from './host-state.ts';
import { type Lock, readLock } from './lock.ts';
import { findRunningRelease, type Release } from './releases.ts';

/** What `status` prints about the app of an environment. */
export interface AppStatus {
  readonly app: string;
  readonly environment: string | undefined;
  /** `mixed`: only some of its processes run. `unknown`: the host does not report it. */
  readonly state: 'running' | 'mixed' | 'stopped' | 'not-deployed' | 'unknown';
  /** The one to show first comes first. */
  readonly urls: readonly string[];
  /** The commit of what runs; undefined if dokku-deploy did not record it. */
  readonly commit: string | undefined;
  /** The release that runs; undefined if dokku-deploy did not record it. */
  readonly release: Release | undefined;
  /** The host's own name for what runs: a commit's id, or an image's name. Undefined if nothing was deployed. */
  readonly revision: string | undefined;
  /** What a deploy has tried and not started. If no deploy is running, it failed, and a restart of the app may start it. */
  readonly attempted: string | undefined;
  /** Whether a build of the app is running; undefined if the host cannot list its builds. */
  readonly deploying: boolean | undefined;
  /** Undefined if the app is not locked. */
  readonly lock: Lock | undefined;
  /** The last deploys and what became of them, the newest first. */
  readonly releases: readonly Release[];
}

/**
 * Returns the status of an app. The revision that its web process was started with is right after every failed deploy. Without
 * a web process, what counts is the last successful deploy.
 */
export function describeStatus(
  { app: name, environment }: Pick<Context, 'app' | 'environment'>,
  app: AppState,
  hostState: HostState,
): AppStatus {
  const { startedWith, revision, urls = [], isBuilding } = hostState;
  const { record, attempted } = runningVersion({ app, revision });
  const releases = readReleases(name, app.config);
  const release =
    startedWith === undefined
      ? findRunningRelease(releases, revision)
      : releases.find((one) => one.revision === startedWith);
  // Version 1.0.0 recorded a commit without its revision.
  const isRecorded = startedWith === undefined || startedWith === revision;
  const runs = startedWith ?? release?.revision ?? revision;
  return {
    app: name,
    environment,
    state: revision === undefined && startedWith === undefined ? 'not-deployed' : readState(hostState),
    urls,
    commit: release?.commit ?? (isRecorded ? record?.commit : undefined),
    release,
    revision: release?.image ?? startedWith ?? revision,
    attempted: isCommitId(runs) && attempted !== runs ? attempted : undefined,
    deploying: isBuilding,
    lock: readLock(app.config),
    releases,
  };
}

function readState({ running }: HostState): AppStatus['state'] {
  if (running === 'true') return 'running';
  if (running === 'false') return 'stopped';
  return running === 'mixed' ? 'mixed' : 'unknown';
}

/** Whether a revision can be compared with GIT_REV, which never is the name of an image. */
function isCommitId(revision: string | undefined): boolean {
  return revision !== undefined && /^[0-9a-f]{40}$/.test(revision);
}
