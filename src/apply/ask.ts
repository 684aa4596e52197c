import { type Answer, buildSshLine, type Command, displayCommand, stdinText } from '../dokku/command.ts';
import { DeployError } from '../errors.ts';
import type { Vault } from '../secret.ts';
import type { Host } from '../ssh/host.ts';
import type { OnLine } from '../ssh/lines.ts';
import { stopError } from './stop.ts';

/** What effects need of the outside: the connection, the secrets, a clock and the word to stop. */
export interface HostAccess {
  readonly host: Host;
  readonly vault: Vault;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the run is told to stop. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** The same, also when the run is told to stop. */
  readonly sleepThroughStop: (milliseconds: number) => Promise<void>;
  /** Aborted with `'SIGTERM'` or `'SIGINT'` as its reason. */
  readonly stop: AbortSignal;
}

/** An answer or a refusal, and how often the command was sent. */
export type AskResult = Answer & { readonly attempts: number };

/** Milliseconds. A dropped connection is tried again; a host that is down for longer is the operator's matter. */
export const retryDelays: readonly number[] = [1_000, 4_000];

/** Asks side by side. Raises an error only when all are at their end, so that none asks on behind a closed connection. */
export async function askAll(commands: readonly Command[], hostAccess: HostAccess): Promise<AskResult[]> {
  const settled = await Promise.allSettled(commands.map((command) => ask(command, hostAccess)));
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
export async function ask(command: Command, hostAccess: HostAccess, onLine?: OnLine): Promise<AskResult> {
  for (let attempts = 1; ; attempts += 1) {
    const outcome = await askOnce(command, hostAccess, onLine);
    if (outcome.kind !== 'not-reached') return { ...outcome, attempts };
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
    const delay = retryDelays[attempts - 1];
    if (delay === undefined) throw outcome.error;
    await hostAccess.sleep(delay);
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
  }
}

type Attempt = Answer | { readonly kind: 'not-reached'; readonly error: DeployError };

async function askOnce(command: Command, { host, vault }: HostAccess, onLine?: OnLine): Promise<Attempt> {
  try {
    const outcome = await host.ask({
      line: buildSshLine(command, vault),
      stdin: stdinText(command, vault),
      onLine,
    });
    return outcome.kind === 'not-reached'
      ? { kind: 'not-reached', error: notReachedError(command, outcome.reason) }
      : outcome;
  } catch (error) {
    if (error instanceof DeployError && error.code === 'host-not-reached')
      return { kind: 'not-reached', error };
    throw error;
  }
}

function notReachedError(command: Command, reason: string): DeployError {
  return new DeployError('host-not-reached', {
    message: `The host was not reached for: ${displayCommand(command)}. ${reason}`,
    remedy: 'Run the job again: what was done is found, and the rest is done.',
  });
}
