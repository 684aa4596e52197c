import { appReport, appUrls, gitReport, runningRevision } from '../dokku/apps.ts';
import type { Answer, Command } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import { readBranchRevision, readConfig, readDeployedRevision, readUrls } from '../dokku/reports.ts';
import { orderUrls } from '../dokku/urls.ts';
import { findRunningVersion, type RunningVersion } from '../plan/deploy-record.ts';
import { ask, askAll, type HostAccess } from './ask.ts';
import { stopError } from './stop.ts';

/** Returns the revision of the app's last successful deploy; undefined if the host does not know one. Throws what `ask` throws. */
export async function askDeployedRevision(app: string, hostAccess: HostAccess): Promise<string | undefined> {
  const answer = await ask(appReport(app), hostAccess);
  return answer.kind === 'answered' ? readDeployedRevision(answer.stdout) : undefined;
}

/** Returns the URLs under which the host serves the app, the one to show first. Throws what `ask` throws. */
export async function askUrls(app: string, hostAccess: HostAccess): Promise<string[]> {
  const answer = await ask(appUrls(app), hostAccess);
  return answer.kind === 'answered' ? orderUrls(readUrls(answer.stdout)) : [];
}

/**
 * Returns whether the app's web process was started with this revision. It is right after every failed deploy, also of one
 * whose postdeploy script failed; other readings name the version before. Throws what `ask` throws.
 */
export async function runsRevision(app: string, revision: string, hostAccess: HostAccess): Promise<boolean> {
  const answer = await ask(runningRevision(app), hostAccess);
  return answer.kind === 'answered' && answer.stdout.trim() === revision;
}

/** Returns the configuration of an app; undefined if the host does not print it. Throws what `ask` throws. */
export async function askConfig(
  app: string,
  hostAccess: HostAccess,
): Promise<ReadonlyMap<string, string> | undefined> {
  const answer = await ask(exportConfig(app), hostAccess);
  return answer.kind === 'answered' ? readConfig(answer.stdout) : undefined;
}

/** The questions whose answers `readRunningVersion` reads. */
export function versionQuestions(app: string): readonly [config: Command, report: Command] {
  return [exportConfig(app), appReport(app)];
}

/** Returns what runs in the app, according to its last successful deploy. */
export function readRunningVersion([config, report]: readonly Answer[]): RunningVersion {
  const revision = report?.kind === 'answered' ? readDeployedRevision(report.stdout) : undefined;
  return findRunningVersion(readConfigOrNone(config), revision);
}

function readConfigOrNone(answer: Answer | undefined): ReadonlyMap<string, string> {
  return (answer?.kind === 'answered' ? readConfig(answer.stdout) : undefined) ?? new Map();
}

/** Returns what the deploy branch holds, which a rebuild would build. Throws what `ask` throws. */
export async function askBranchVersion(app: string, hostAccess: HostAccess): Promise<RunningVersion> {
  const [config, report] = await askAll([exportConfig(app), gitReport(app)], hostAccess);
  const revision = report?.kind === 'answered' ? readBranchRevision(report.stdout) : undefined;
  return findRunningVersion(readConfigOrNone(config), revision);
}

/** How long another job may take to record what it has just deployed, in milliseconds. */
const recordDelay = 10_000;
const pollInterval = 500;

/**
 * Asks what runs, again until it is recorded or some seconds have passed: a job records its commit after the host has released
 * the app.
 *
 * Throws what `askVersion` throws, and the stop's error.
 */
export async function waitForRecord(
  hostAccess: HostAccess,
  askVersion: () => Promise<RunningVersion>,
): Promise<RunningVersion> {
  const deadline = hostAccess.now() + recordDelay;
  for (;;) {
    const running = await askVersion();
    if (running.record !== undefined || hostAccess.now() >= deadline) return running;
    await hostAccess.sleep(pollInterval);
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
  }
}
