import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatAddress } from '../access/host-address.ts';
import type { HostAccess } from '../apply/ask.ts';
import { stopError } from '../apply/stop.ts';
import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { generatedSecretName } from '../plan/declared-env.ts';
import type { HostState } from '../plan/host-state.ts';
import type { Plan } from '../plan/plan.ts';
import { Secret, type Vault } from '../secret.ts';
import type { Host } from '../ssh/host.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import type { Reporter } from './reporter-types.ts';
import type { RunFlags } from './run-flags.ts';

/** A command of the pipeline with valid input, ready to be planned and applied. */
export interface RunContext {
  readonly world: World;
  readonly flags: RunFlags;
  readonly context: Context;
  readonly reporter: Reporter;
  /** Undefined for a plan that is not made for a particular host. */
  readonly host: Host | undefined;
  /** The host that a promotion takes the code from, if it is another one. */
  readonly sourceHost?: Host | undefined;
}

/** Returns the plan of a command for a host in this state, without the host's address. */
export type Planner = (context: Context, hostState: HostState) => Plan;

/** Returns the address of the run's host, `user@host:port`; '' without one. */
export function describeHost({ access }: Context): string {
  return access ? formatAddress(access.address) : '';
}

/** Returns what is needed to run commands on a host. */
export function createHostAccess(
  { world, context, sourceHost }: Pick<RunContext, 'world' | 'context' | 'sourceHost'>,
  host: Host,
): HostAccess {
  return {
    host,
    sourceHost,
    vault: addGeneratedSecrets(context),
    now: world.now,
    sleep: (milliseconds) => sleepUntilStop(milliseconds, world.stop),
    sleepThroughStop: (milliseconds) => sleepUntilStop(milliseconds),
    stop: world.stop,
  };
}

/** Returns the vault with a random default for each variable that app.json declares with `generator: secret`. */
export function addGeneratedSecrets({ vault, declaredEnv }: Context): Vault {
  const generated = declaredEnv
    .filter(({ generator }) => generator === 'secret')
    .map(({ key }) => generatedSecretName(key))
    .map((name) => [name, new Secret(name, randomBytes(32).toString('hex'))] as const);
  return new Map([...vault, ...generated]);
}

/** Waits so many milliseconds, or until the stop signal. Without a signal, the timer doesn't keep the process alive. */
export function sleepUntilStop(milliseconds: number, stop?: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, stop ? { signal: stop } : { ref: false }).catch(() => undefined);
}

/** Turns a thrown value into the error to report. A stop takes precedence over whatever it interrupted; anything unexpected is a bug. */
export function toDeployError(error: unknown, stop: AbortSignal): DeployError {
  if (stop.aborted && !isStop(error)) return stopError(stop);
  return error instanceof DeployError ? error : bugError(error);
}

function isStop(error: unknown): boolean {
  return error instanceof DeployError && (error.code === 'terminated' || error.code === 'interrupted');
}

function bugError(error: unknown): DeployError {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return new DeployError('bug', {
    message: `A bug of dokku-deploy ${version}: ${message}`,
    said: stack.split('\n').filter((line) => line.trim() !== ''),
    remedy:
      'Run the job again: it continues from where this one ended. Report the lines above to the maintainers of dokku-deploy.',
    cause: error,
  });
}

/** Logs the warnings about the job's input. */
export function reportWarnings({ context, reporter }: RunContext): void {
  for (const { about, message } of context.warnings) reporter.warn(about, message);
}
