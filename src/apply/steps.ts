import type { Command } from '../dokku/command.ts';
import { pluginGoneError, refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal, cleanHostOutput } from '../dokku/refusals.ts';
import { readServiceInfo } from '../dokku/service-info.ts';
import { serviceLabel } from '../dokku/services.ts';
import type { ConfigWrite } from '../plan/config-write.ts';
import type { CommandStep } from '../plan/plan.ts';
import { maskUrlPasswords } from '../secret.ts';
import { limits } from '../ssh/limits.ts';
import type { OnLine } from '../ssh/lines.ts';
import { type AskResult, ask, type HostAccess } from './ask.ts';

/** The result of a step. `stale`: the host has changed since it was observed, so that a new plan is needed. */
export interface StepResult {
  readonly outcome: 'done' | 'skipped' | 'stale';
  readonly detail?: string;
  /** Whether this run has created a service. */
  readonly hasCreated?: boolean;
  /** The URLs under which the host serves the app now, after a step that may have changed them. */
  readonly urls?: readonly string[];
  /** The label of a service that was to be removed and is kept, because other apps use it. */
  readonly kept?: string;
}

const timeLimit = limits.commandTime;

/**
 * Runs a command step and passes on each line that the host prints, unless the step is silent.
 *
 * Throws `host-refused`, `plugin-missing` and what `ask` throws.
 */
export async function performCommand(
  step: CommandStep,
  hostAccess: HostAccess,
  onLine: OnLine,
): Promise<StepResult> {
  const showLine = step.silent ? undefined : (line: string) => onLine(maskUrlPasswords(line));
  const answer = await ask(step.command, hostAccess, { onLine: showLine, timeLimit });
  if (answer.kind === 'answered') return { outcome: 'done' };
  const refusal = classifyRefusal(answer);
  // After a lost connection the refusal may be due to what the first attempt did.
  if (step.doneIf.includes(refusal) || (answer.attempts > 1 && refusal === 'exists')) {
    return { outcome: 'skipped', detail: 'already done' };
  }
  const kept = refusal === 'linked' ? await keepIfShared(step, hostAccess) : undefined;
  if (kept) return kept;
  if (step.staleIf?.includes(refusal)) return { outcome: 'stale' };
  if (step.verify && (await ask(step.verify, hostAccess)).kind === 'answered') {
    return {
      outcome: 'done',
      detail: `done, although the host reported an error: ${cleanHostOutput(answer.stderr).at(-1) ?? ''}`,
    };
  }
  if (refusal === 'unknown-command')
    throw pluginGoneError(step.command, cleanHostOutput(`${answer.stderr}\n${answer.stdout}`));
  throw refusedError(step.command, answer);
}

/** Returns the result for a service that other apps are linked to, and the app is not; undefined for any other. */
async function keepIfShared(
  { keptIfShared }: CommandStep,
  hostAccess: HostAccess,
): Promise<StepResult | undefined> {
  if (keptIfShared === undefined) return undefined;
  const { app, service, info } = keptIfShared;
  const answer = await ask(info, hostAccess);
  const links = answer.kind === 'answered' ? readServiceInfo(answer.stdout).links : [];
  if (links.length === 0 || links.includes(app)) return undefined;
  return { outcome: 'skipped', detail: `kept: ${links.join(', ')} uses it`, kept: serviceLabel(service) };
}

/** Writes the app's configuration in one command. Throws `host-refused` and what `ask` throws. */
export async function performConfigure(step: ConfigWrite, hostAccess: HostAccess): Promise<StepResult> {
  const { command, answer } = await writeConfig(step, hostAccess);
  if (answer.kind === 'refused') throw refusedError(command, answer);
  return { outcome: 'done' };
}

/** Writes configuration, with the other command if the host lacks the first one. Throws what `ask` throws. */
export async function writeConfig(
  { command, fallback }: ConfigWrite,
  hostAccess: HostAccess,
): Promise<{ command: Command; answer: AskResult }> {
  const answer = await ask(command, hostAccess, { timeLimit });
  if (answer.kind === 'answered' || classifyRefusal(answer) !== 'unknown-command') return { command, answer };
  return { command: fallback, answer: await ask(fallback, hostAccess, { timeLimit }) };
}
