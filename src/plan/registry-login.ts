import type { Context } from '../context/context.ts';
import { registryPassword } from '../context/registry-login.ts';
import { registryLogin } from '../dokku/images.ts';
import { type HostState, runningVersion } from './host-state.ts';
import type { CommandStep } from './plan.ts';

/**
 * Returns the step that logs the host in at the registry, if there is one: no command shows whether it is logged in. An image that is
 * known to run needs no login.
 */
export function planLogin(
  { app, registry, shipment, rebuild }: Context,
  hostState: HostState,
  needs: readonly string[],
): CommandStep[] {
  if (registry === undefined) return [];
  const { revision } = runningVersion(hostState);
  if (shipment.kind === 'image' && shipment.image === revision && !rebuild) return [];
  const { server, user } = registry;
  return [
    {
      kind: 'command',
      id: 'registry-login',
      title: `Log ${app} in at ${server} as ${user}`,
      needs,
      repeat: 'the same login is written again',
      command: registryLogin(app, { server, user, password: { secret: registryPassword } }),
      doneIf: [],
    },
  ];
}
