import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { type HostState, isUnconfigured } from './host-state.ts';

/**
 * Refuses an app that was deployed and has no configuration at all, not even the GIT_REV of its deploy: the host has lost it, as
 * it does with a full disk. A promotion or a rollback would start the app without it.
 *
 * Throws `host-refused`.
 */
export function refuseLostConfig(
  { app: name, environment }: Pick<Context, 'app' | 'environment'>,
  { app = 'absent', revision }: HostState,
): void {
  if (app === 'absent' || revision === undefined || !isUnconfigured(app)) return;
  throw new DeployError('host-refused', {
    message: `The host has lost the configuration of the app ${name}, and the list of its releases with it. Nothing was changed.`,
    remedy: `A full disk can cause this. Once that is fixed, an operator restores the configuration (dokku config:import). Or run dokku-deploy deploy${environment === undefined ? '' : ` ${environment}`}, which writes what .dokku-deploy.yml declares.`,
  });
}
