import { rebuildApp } from '../dokku/apps.ts';
import { createConfigMask, judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { orderUrls } from '../dokku/urls.ts';
import { configWrite } from '../plan/config-write.ts';
import type { DeployRecord, RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { maskUrlPasswords } from '../secret.ts';
import { createKeptLines } from '../source/kept-lines.ts';
import { limits } from '../ssh/limits.ts';
import type { OnLine } from '../ssh/lines.ts';
import { ask } from './ask.ts';
import type { BuildWatcher } from './cancel-build.ts';
import { deployFailureError, lostConnection } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { performConfigure } from './steps.ts';

/** What a rebuild needs besides its step. */
export interface RebuildOptions {
  readonly options: DeployOptions;
  readonly build: BuildWatcher;
  /** What the deploy branch holds. */
  readonly commit: Pick<DeployRecord, 'commit' | 'image' | 'base'> & { readonly revision: string };
  readonly seen: Pick<RunningVersion, 'attempted'>;
  readonly reason: string;
}

/**
 * Has the host build its deploy branch again. A restart would not do: after a failed deploy, it starts the image that
 * failed.
 *
 * Throws the error of a deploy that failed, and what `ask` throws.
 */
export async function rebuildOnHost(
  step: ShipStep,
  { options, build, commit, seen, reason }: RebuildOptions,
): Promise<AttemptResult> {
  await correctRevision(step, commit.revision, seen, options);
  const lines = createKeptLines(createLineHandler(options, build));
  const answer = await ask(rebuildApp(step.app), options, {
    onLine: lines.push,
    timeLimit: limits.commandTime,
    streamed: true,
  });
  const output = readDeployOutput(lines.read());
  // If the command was sent again after a lost connection, the host may still be running the first one.
  if (output.failure === 'busy')
    return answer.attempts > 1 ? lostConnection(step, true) : { kind: 'busy', refused: true };
  const verdict = judgeDeploy(output, answer.kind === 'answered' ? 'stored' : 'declined');
  if (verdict !== 'deployed') throw deployFailureError(step, output, undefined);
  const urls = orderUrls(output.urls);
  const record = { ...commit, committedAt: options.source.committedAt, url: urls[0] };
  const deployed = { urls, shipped: true, detail: `rebuilt: ${reason}`, record, hasWeb: output.hasWeb };
  return { kind: 'deployed', deployed };
}

/** A rebuild leaves GIT_REV alone, which still names the deploy that failed last. */
async function correctRevision(
  { app }: ShipStep,
  revision: string,
  { attempted }: RebuildOptions['seen'],
  options: DeployOptions,
): Promise<void> {
  if (attempted === undefined || attempted === revision) return;
  await performConfigure(configWrite(app, { GIT_REV: revision }), options);
}

/** Returns a handler that passes each line of the host to the build watcher and, with secrets removed, to the log. */
export function createLineHandler({ onLine }: DeployOptions, build: BuildWatcher): OnLine {
  const maskConfig = createConfigMask();
  return (line) => {
    build.onLine(line);
    onLine(maskUrlPasswords(maskConfig(line)));
  };
}
