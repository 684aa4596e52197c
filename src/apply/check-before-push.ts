import { appLocked, runningBuilds } from '../dokku/apps.ts';
import { hasBuilds } from '../dokku/reports.ts';
import type { DeployRecord, RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { compareCommits } from '../source/ancestry.ts';
import { askAll } from './ask.ts';
import type { DeployOptions } from './deploy-types.ts';
import { readRunningVersion, versionQuestions, waitForRecord } from './what-runs.ts';

/**
 * The state of the host right before a push. `busy`: a build of the app is running. `changed`: another job has
 * deployed in the meantime, and this commit may follow it. `superseded`: what it deployed is newer than this commit.
 */
export type PushCheck =
  | { readonly kind: 'clear'; readonly running: RunningVersion }
  | { readonly kind: 'busy'; readonly refused: false }
  | { readonly kind: 'changed'; readonly running: RunningVersion }
  | { readonly kind: 'superseded'; readonly by: DeployRecord };

export interface PushCheckOptions {
  /** What ran when this job last looked. */
  readonly seen: RunningVersion;
  /** What is about to be pushed. */
  readonly revision: string;
  /** Whether a lock counts as a build if the host cannot list its builds: for a command that moves the branch before it meets the lock. */
  readonly heedsLock?: boolean;
}

/**
 * Looks at the host again right before a push. Git's own check of the branch comes too late: the host deploys first.
 *
 * Throws `app-removed`, what `ask` throws, and the stop's error.
 */
export async function checkBeforePush(
  { app }: ShipStep,
  { seen, revision, heedsLock = false }: PushCheckOptions,
  options: DeployOptions,
): Promise<PushCheck> {
  const questions = [runningBuilds(app), ...versionQuestions(app), ...(heedsLock ? [appLocked(app)] : [])];
  const [builds, config, report, lock] = await askAll(questions, options);
  const answers = [config, report].filter((answer) => answer !== undefined);
  await options.checkApp(config);
  // Dokku 0.37 and older cannot list builds: its lock refuses the push.
  const isBuilding = builds?.kind === 'answered' ? hasBuilds(builds.stdout) : lock?.kind === 'answered';
  if (isBuilding) return { kind: 'busy', refused: false };
  const running = readRunningVersion(answers);
  if (running.revision === revision || isAsSeen(running, seen)) return { kind: 'clear', running };
  const latest = running.record ? running : await waitForOthersRecord(app, options);
  const { record } = latest;
  if (record === undefined) {
    options.warn(
      `${app} was deployed in the meantime, without a record of the commit: it cannot be compared with this job's`,
    );
    return { kind: 'changed', running: latest };
  }
  const { commit: id, committedAt } = record;
  const order = await compareCommits(options.source, { id, committedAt }, options.childEnv);
  return order === 'older' ? { kind: 'superseded', by: record } : { kind: 'changed', running: latest };
}

/**
 * Whether nothing has changed since the last look. A record that was missing then counts as a change: the job that deployed that
 * version had not recorded its commit yet, so the two could not be compared.
 */
function isAsSeen(running: RunningVersion, seen: RunningVersion): boolean {
  return running.revision === seen.revision && (seen.record !== undefined || running.record === undefined);
}

function waitForOthersRecord(app: string, options: DeployOptions): Promise<RunningVersion> {
  options.onWait(`another job has just deployed ${app}: waiting for the record of its commit`);
  return waitForRecord(options, async () => readRunningVersion(await askAll(versionQuestions(app), options)));
}
