import { appDeployed, appRunning, appUrls, rebuildApp } from '../dokku/apps.ts';
import { createConfigMask, judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { readUrls } from '../dokku/reports.ts';
import type { ShipStep } from '../plan/plan.ts';
import { maskUrlPasswords } from '../secret.ts';
import { createKeptLines } from '../source/kept-lines.ts';
import type { OnLine } from '../ssh/lines.ts';
import { ask, askAll } from './ask.ts';
import type { BuildWatcher } from './cancel-build.ts';
import { deployFailureError, lostConnection } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';

/** Deploys a commit that the host already has: rebuilds it if asked to, or if it does not run. */
export async function deployUnchanged(
  step: ShipStep,
  options: DeployOptions,
  build: BuildWatcher,
): Promise<AttemptResult> {
  const rebuildBecause = (reason: string) => rebuildOnHost(step, { options, build, reason });
  if (step.rebuild) return rebuildBecause('the host already has the commit');
  const commands = [appDeployed, appRunning, appUrls].map((command) => command(step.app));
  const [deployed, running, urls] = await askAll(commands, options);
  const isTrue = (answer: typeof deployed) => answer?.kind === 'answered' && answer.stdout.trim() === 'true';
  if (!isTrue(deployed) || !isTrue(running)) return rebuildBecause('it was not running');
  return {
    kind: 'deployed',
    deployed: {
      urls: urls?.kind === 'answered' ? readUrls(urls.stdout) : [],
      shipped: false,
      detail: 'the host already runs this commit',
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
  const lines = createKeptLines();
  const answer = await ask(rebuildApp(step.app), options, (line) => {
    lines.push(line);
    onLine(line);
  });
  const output = readDeployOutput(lines.read());
  // If the command was sent again after a lost connection, the host may still be running the first one.
  if (output.failure === 'busy') return answer.attempts > 1 ? lostConnection(step, true) : { kind: 'busy' };
  const verdict = judgeDeploy(output, answer.kind === 'answered' ? 'stored' : 'declined');
  if (verdict !== 'deployed')
    throw deployFailureError(step, output, answer.kind === 'refused' ? answer.stderr.trim() : undefined);
  return {
    kind: 'deployed',
    deployed: { urls: output.urls, shipped: true, detail: `rebuilt: ${reason}` },
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
