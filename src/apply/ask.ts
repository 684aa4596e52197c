import { type Answer, type Command, fedText, spoken, sshLine } from '../dokku/command.ts';
import { DeployError } from '../errors.ts';
import type { Vault } from '../secret.ts';
import type { Host } from '../ssh/host.ts';
import { stopped } from './stop.ts';

/** What effects need of the outside: the connection, the secrets, a clock and the word to stop. */
export interface Means {
  readonly host: Host;
  readonly vault: Vault;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the run is told to stop. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** The same, also when the run is told to stop. */
  readonly patience: (milliseconds: number) => Promise<void>;
  /** Aborted with `'SIGTERM'` or `'SIGINT'` as its reason. */
  readonly stop: AbortSignal;
}

/** An answer or a refusal, and how often the command was sent. */
export type Fact = Answer & { readonly tries: number };

/** Milliseconds. A dropped connection is tried again; a host that is down for longer is the operator's matter. */
export const pauses: readonly number[] = [1_000, 4_000];

/** Asks side by side. Raises an error only when all are at their end, so that none asks on behind a closed connection. */
export async function askAll(commands: readonly Command[], means: Means): Promise<Fact[]> {
  const settled = await Promise.allSettled(commands.map((command) => ask(command, means)));
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/**
 * Asks the host, again after a lost connection, until it answers or refuses.
 *
 * Raises `host-not-reached` after three tries, the stop's error when the run is told to stop, and what the connection
 * raises for a wrong host key or a refused login.
 */
export async function ask(command: Command, means: Means, onLine?: (line: string) => void): Promise<Fact> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await once(command, means, onLine);
    if (outcome.kind !== 'not-reached') return { ...outcome, tries };
    if (means.stop.aborted) throw stopped(means.stop);
    const pause = pauses[tries - 1];
    if (pause === undefined) throw outcome.error;
    await means.pause(pause);
    if (means.stop.aborted) throw stopped(means.stop);
  }
}

type Tried = Answer | { readonly kind: 'not-reached'; readonly error: DeployError };

async function once(
  command: Command,
  { host, vault }: Means,
  onLine?: (line: string) => void,
): Promise<Tried> {
  try {
    const outcome = await host.ask({ line: sshLine(command, vault), stdin: fedText(command, vault), onLine });
    return outcome.kind === 'not-reached'
      ? { kind: 'not-reached', error: lost(command, outcome.reason) }
      : outcome;
  } catch (error) {
    if (error instanceof DeployError && error.code === 'host-not-reached')
      return { kind: 'not-reached', error };
    throw error;
  }
}

function lost(command: Command, reason: string): DeployError {
  return new DeployError('host-not-reached', {
    message: `The host was not reached for: ${spoken(command)}. ${reason}`,
    remedy: 'Run the job again: what was done is found, and the rest is done.',
  });
}
