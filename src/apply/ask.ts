import { type Answer, buildSshLine, type Command, commandInput, displayCommand } from '../dokku/command.ts';
import { DeployError } from '../errors.ts';
import type { Vault } from '../secret.ts';
import type { Host, HostRequest } from '../ssh/host.ts';
import { stopError } from './stop.ts';

/** What effects need from outside: the connection, the secrets, a clock and the stop signal. */
export interface HostAccess {
  readonly host: Host;
  /** The host that a promotion takes the code from, if it is another one. */
  readonly sourceHost?: Host | undefined;
  readonly vault: Vault;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the run is stopped. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Resolves after so many milliseconds, even when the run is stopped. */
  readonly sleepThroughStop: (milliseconds: number) => Promise<void>;
  /** Aborted with `'SIGTERM'` or `'SIGINT'` as its reason. */
  readonly stop: AbortSignal;
}

/** An answer or a refusal, and how often the command was sent. */
export type AskResult = Answer & { readonly attempts: number };

/** Milliseconds. A dropped connection is retried; a host that is down for longer is for the operator to fix. */
export const retryDelays: readonly number[] = [1_000, 4_000];

/** Asks in parallel. Throws only after all have ended, so that none keeps asking after the connection is closed. */
export async function askAll(commands: readonly Command[], hostAccess: HostAccess): Promise<AskResult[]> {
  const results = await Promise.allSettled(commands.map((command) => ask(command, hostAccess)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** How an answer is read. The default time limit is that of a command that only reads. */
export type AskOptions = Pick<HostRequest, 'onLine' | 'timeLimit' | 'streamed'>;

/** The same, for a command that is sent only once; its standard input may have any size. */
export type AskOnceOptions = AskOptions & Pick<HostRequest, 'stdin'>;

/**
 * Asks the host until it answers or refuses, retrying after a lost connection.
 *
 * Throws `host-not-reached` after three attempts, the stop error when the run is stopped, and what `Host.ask` throws.
 */
export async function ask(
  command: Command,
  hostAccess: HostAccess,
  options: AskOptions = {},
): Promise<AskResult> {
  for (let attempts = 1; ; attempts += 1) {
    const attempt = await askOnce(command, hostAccess, options);
    if (attempt.kind !== 'not-reached') return { ...attempt, attempts };
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
    const delay = retryDelays[attempts - 1];
    if (delay === undefined) throw attempt.error;
    await hostAccess.sleep(delay);
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
  }
}

/** `sent`: the command may have reached the host. */
type Attempt = Answer | { readonly kind: 'not-reached'; readonly sent: boolean; readonly error: DeployError };

/**
 * Sends a command once, because its effect must be checked before it is sent again. A lost connection is a result. Throws what
 * `Host.ask` throws.
 */
export async function askOnce(
  command: Command,
  { host, vault }: HostAccess,
  { stdin, ...options }: AskOnceOptions = {},
): Promise<Attempt> {
  try {
    const result = await host.ask({
      line: buildSshLine(command, vault),
      stdin: stdin ?? commandInput(command, vault),
      ...options,
    });
    return result.kind === 'not-reached'
      ? { kind: 'not-reached', sent: result.sent, error: notReachedError(command, result.reason) }
      : result;
  } catch (error) {
    if (error instanceof DeployError && error.code === 'host-not-reached')
      return { kind: 'not-reached', sent: false, error };
    throw error;
  }
}

function notReachedError(command: Command, reason: string): DeployError {
  return new DeployError('host-not-reached', {
    message: `The host could not be reached for: ${displayCommand(command)}. ${reason}`,
    remedy: 'Run the job again: it continues where this run stopped.',
  });
}
