import type { Command } from '../dokku/command.ts';
import { pluginMissingError, refusedError } from '../dokku/refusal-errors.ts';
import { hostWords, readRefusal } from '../dokku/refusals.ts';
import { serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import type { CommandStep, ConfigureStep, ConfigWrite, ServiceStep } from '../plan/plan.ts';
import { withoutPasswords } from '../secret.ts';
import { ask, type Fact, type Means } from './ask.ts';

/** What a step came to. `stale`: the host is not as it was seen, and a new look is needed. */
export interface Performed {
  readonly outcome: 'done' | 'skipped' | 'stale';
  readonly note?: string;
}

/** Shows a line in the host's own words. */
export type Say = (line: string) => void;

/** Runs a command step. Raises `host-refused` and what `ask` raises. */
export async function performCommand(step: CommandStep, means: Means, say: Say): Promise<Performed> {
  const onLine = step.silent ? undefined : (line: string) => say(withoutPasswords(line));
  const fact = await ask(step.command, means, onLine);
  if (fact.kind === 'answered') return { outcome: 'done' };
  const refusal = readRefusal(fact);
  // After a lost connection the refusal may be of what the first try did.
  if (step.doneIf.includes(refusal) || (fact.tries > 1 && refusal === 'exists')) {
    return { outcome: 'skipped', note: 'it was already so' };
  }
  if (step.staleIf?.includes(refusal)) return { outcome: 'stale' };
  if (step.verify && (await ask(step.verify, means)).kind === 'answered') {
    return {
      outcome: 'done',
      note: `the host reported an error, yet it is done: ${hostWords(fact.stderr).at(-1) ?? ''}`,
    };
  }
  throw refusedError(step.command, fact);
}

/** Writes the app's configuration in one command. Raises `host-refused` and what `ask` raises. */
export async function performConfigure(step: ConfigureStep, means: Means): Promise<Performed> {
  const { command, fact } = await writeConfig(step, means);
  if (fact.kind === 'refused') throw refusedError(command, fact);
  return { outcome: 'done' };
}

async function writeConfig(
  { command, fallback }: ConfigWrite,
  means: Means,
): Promise<{ command: Command; fact: Fact }> {
  const fact = await ask(command, means);
  if (fact.kind === 'answered' || readRefusal(fact) !== 'unknown-command') return { command, fact };
  return { command: fallback, fact: await ask(fallback, means) };
}

/**
 * Makes a service. Its answer shows the password, so none of it is shown.
 *
 * Raises `service-not-ours`, `plugin-missing`, `host-refused` and what `ask` raises.
 */
export async function performCreateService(step: ServiceStep, means: Means): Promise<Performed> {
  const fact = await ask(step.command, means);
  if (fact.kind === 'answered') return { outcome: 'done' };
  const refusal = readRefusal(fact);
  if (refusal === 'unknown-command') throw pluginMissingError(step.service.plugin, hostWords(fact.stderr));
  const ours = step.disown === undefined || fact.tries > 1;
  if (refusal === 'exists')
    return ours ? { outcome: 'skipped', note: 'it was there' } : takenMeanwhile(step, means);
  throw refusedError(step.command, fact);
}

async function takenMeanwhile(step: ServiceStep, means: Means): Promise<never> {
  if (step.disown) await writeConfig(step.disown, means);
  throw new DeployError('service-not-ours', {
    message: `The service ${serviceLabel(step.service)} was made by somebody else while this job ran.`,
    remedy: 'Run the job again, or choose another name for the service in .dokku-deploy.yml.',
  });
}
