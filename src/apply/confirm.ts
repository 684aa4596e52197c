import { refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readConfigOrFail } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import { findLostConfig } from '../plan/confirm.ts';
import type { ConfirmStep } from '../plan/plan.ts';
import { limits } from '../ssh/limits.ts';
import { ask, type HostAccess } from './ask.ts';
import { type StepResult, writeConfig } from './steps.ts';

const maxAttempts = 5;

/**
 * Checks that the configuration, its removals and the links of a plan have arrived, and repeats what is lost: of two writes at the
 * same time, Dokku keeps one, and another job of the app may be writing.
 *
 * Throws `busy` if something is still lost after five attempts, `host-refused` and what `ask` throws.
 */
export async function performConfirm(step: ConfirmStep, hostAccess: HostAccess): Promise<StepResult> {
  const repaired = new Set<string>();
  for (let attempt = 1; ; attempt += 1) {
    const config = await readAppConfig(step, hostAccess);
    if (config === 'missing') return { outcome: 'stale' };
    const { write, unset, links, names } = findLostConfig(step, config, hostAccess.vault);
    if (names.length === 0) {
      return repaired.size === 0
        ? { outcome: 'done' }
        : {
            outcome: 'done',
            detail: `corrected what another writer had changed: ${[...repaired].join(', ')}`,
          };
    }
    if (attempt === maxAttempts) throw interferenceError(step, names);
    for (const name of names) repaired.add(name);
    if (write) {
      const { command, answer } = await writeConfig(write, hostAccess);
      if (answer.kind === 'refused') return refused(command, answer);
    }
    for (const command of unset === undefined ? links : [unset, ...links]) {
      const answer = await ask(command, hostAccess, { timeLimit: limits.commandTime });
      if (answer.kind === 'refused' && classifyRefusal(answer) !== 'linked') return refused(command, answer);
    }
  }
}

async function readAppConfig(
  { command }: ConfirmStep,
  hostAccess: HostAccess,
): Promise<ReadonlyMap<string, string> | 'missing'> {
  const answer = await ask(command, hostAccess);
  if (answer.kind === 'refused') {
    if (classifyRefusal(answer) === 'missing') return 'missing';
    throw refusedError(command, answer);
  }
  return readConfigOrFail(command, answer.stdout);
}

/** If an app or a service is missing now, another job has removed it, and a new plan is needed. */
function refused(...[command, answer]: Parameters<typeof refusedError>): StepResult {
  if (classifyRefusal(answer) === 'missing') return { outcome: 'stale' };
  throw refusedError(command, answer);
}

function interferenceError({ app }: ConfirmStep, names: readonly string[]): DeployError {
  return new DeployError('busy', {
    message: `Something else keeps changing the configuration of ${app}: ${names.join(', ')} was overwritten ${maxAttempts} times.`,
    remedy: 'Run the job again; give the jobs of one app the same resource_group.',
  });
}
