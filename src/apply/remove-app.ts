import { classifyRefusal, cleanHostOutput } from '../dokku/refusals.ts';
import { readConfig } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import { markerKey, ownerKey } from '../plan/keys.ts';
import type { RemoveAppStep } from '../plan/plan.ts';
import { limits } from '../ssh/limits.ts';
import type { OnLine } from '../ssh/lines.ts';
import { ask, type HostAccess } from './ask.ts';
import type { StepResult } from './steps.ts';
import { stopError } from './stop.ts';

/** Milliseconds between attempts. Whatever makes a removal fail (a broken nginx, a busy folder) may last some seconds. */
const attemptDelays: readonly number[] = [1_000, 3_000, 8_000];

/**
 * Removes an app, and tries again until the host reports that it is gone. The result is `stale` if its marker has changed since.
 *
 * Throws `host-refused` if it still exists after four attempts, and what `ask` throws.
 */
export async function performRemoveApp(
  step: RemoveAppStep,
  hostAccess: HostAccess,
  onLine: OnLine,
): Promise<StepResult> {
  if (await hasChanged(step, hostAccess)) return { outcome: 'stale' };
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask(step.command, hostAccess, { onLine, timeLimit: limits.commandTime });
    if (answer.kind === 'refused' && classifyRefusal(answer) === 'missing') {
      return attempt === 0 && answer.attempts === 1
        ? { outcome: 'skipped', detail: 'already done' }
        : { outcome: 'done' };
    }
    if (await isGone(step, hostAccess)) return { outcome: 'done' };
    const delay = attemptDelays[attempt];
    if (delay === undefined) {
      throw notRemovedError(step.app, cleanHostOutput(`${answer.stderr}\n${answer.stdout}`));
    }
    await hostAccess.sleep(delay);
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
  }
}

/** Whether the app has another marker than the plan was made for: a job may have named more services in it, or marked it. */
async function hasChanged({ check, marker }: RemoveAppStep, hostAccess: HostAccess): Promise<boolean> {
  const answer = await ask(check, hostAccess);
  if (answer.kind === 'refused') return false;
  const config = readConfig(answer.stdout);
  return config === undefined || config.get(markerKey) !== marker || config.has(ownerKey);
}

async function isGone({ verify }: RemoveAppStep, hostAccess: HostAccess): Promise<boolean> {
  const answer = await ask(verify, hostAccess);
  return answer.kind === 'refused' && classifyRefusal(answer) === 'missing';
}

function notRemovedError(app: string, said: readonly string[]): DeployError {
  return new DeployError('host-refused', {
    message: `The host could not remove the app ${app}, which still exists after ${attemptDelays.length + 1} attempts.`,
    said: said.slice(-12),
    remedy: 'Fix what the host reports, and run review stop again: it recognizes what is left of the app.',
  });
}
