import { appDeployed, appRunning, appUrls, rebuildApp } from '../dokku/apps.ts';
import { createConfigMask, judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { readUrls } from '../dokku/reports.ts';
import { orderUrls } from '../dokku/urls.ts';
import { type DeployRecord, isSameRecord, type RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { maskUrlPasswords } from '../secret.ts';
import { createKeptLines } from '../source/kept-lines.ts';
import { limits } from '../ssh/limits.ts';
import type { OnLine } from '../ssh/lines.ts';
import { ask, askAll } from './ask.ts';
import type { BuildWatcher } from './cancel-build.ts';
import { deployFailureError, lostConnection } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';

/** What deploying an unchanged commit needs besides its step. */
export interface UnchangedOptions {
  readonly options: DeployOptions;
  readonly build: BuildWatcher;
  /** The commit, and what the host has of it. */
  readonly commit: Pick<DeployRecord, 'commit' | 'revision'>;
  /** What ran when this job last looked. */
  readonly seen: RunningVersion;
}

/** Deploys a commit that the host already has: rebuilds it if asked to, or if it does not run. */
export async function deployUnchanged(
  step: ShipStep,
  { options, build, commit, seen }: UnchangedOptions,
): Promise<AttemptResult> {
  const rebuildBecause = (reason: string) => rebuildOnHost(step, { options, build, commit, reason });
  if (step.rebuild) return rebuildBecause('the host already has the commit');
  const commands = [appDeployed, appRunning, appUrls].map((command) => command(step.app));
  const [deployed, running, urls] = await askAll(commands, options);
  const isTrue = (answer: typeof deployed) => answer?.kind === 'answered' && answer.stdout.trim() === 'true';
  if (!isTrue(deployed) || !isTrue(running)) return rebuildBecause('it was not running');
  const known = orderUrls(urls?.kind === 'answered' ? readUrls(urls.stdout) : []);
  const record = toRecord(commit, options, known);
  return {
    kind: 'deployed',
    deployed: {
      urls: known,
      shipped: false,
      detail: 'the host already runs this commit',
      record: isSameRecord(record, seen.record) ? undefined : record,
    },
  };
}

function toRecord(
  { commit, revision }: UnchangedOptions['commit'],
  { source: { committedAt } }: DeployOptions,
  urls: readonly string[],
): DeployRecord {
  return { commit, committedAt, revision, url: urls[0] };
}

/** What a rebuild needs besides its step. */
export interface RebuildOptions extends Omit<UnchangedOptions, 'seen'> {
  readonly reason: string;
}

/**
 * Has the host build its deploy branch again, which holds the given commit. Returns the outcome; throws the error of a
 * deploy that failed.
 */
export async function rebuildOnHost(
  step: ShipStep,
  { options, build, commit, reason }: RebuildOptions,
): Promise<AttemptResult> {
  const onLine = createLineHandler(options, build);
  const lines = createKeptLines();
  const answer = await ask(rebuildApp(step.app), options, {
    onLine: (line) => {
      lines.push(line);
      onLine(line);
    },
    timeLimit: limits.commandTime,
    streamed: true,
  });
  const output = readDeployOutput(lines.read());
  // If the command was sent again after a lost connection, the host may still be running the first one.
  if (output.failure === 'busy') return answer.attempts > 1 ? lostConnection(step, true) : { kind: 'busy' };
  const verdict = judgeDeploy(output, answer.kind === 'answered' ? 'stored' : 'declined');
  if (verdict !== 'deployed') throw deployFailureError(step, output, undefined);
  const urls = orderUrls(output.urls);
  return {
    kind: 'deployed',
    deployed: {
      urls,
      shipped: true,
      detail: `rebuilt: ${reason}`,
      record: toRecord(commit, options, urls),
      hasWeb: output.hasWeb,
    },
  };
}

/** Returns a handler that passes each line of the host to the build watcher and, with secrets removed, to the log. */
export function createLineHandler({ onLine }: DeployOptions, build: BuildWatcher): OnLine {
  const maskConfig = createConfigMask();
  return (line) => {
    build.onLine(line);
    onLine(maskUrlPasswords(maskConfig(line)));
  };
}
