import type { Context, ServiceSpec } from '../context/context.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { isSameService, readServiceUrl, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { type AppState, isLinked } from './host-state.ts';

/**
 * Returns the linked services whose URL is not in the variable that `as` names: Dokku keeps the variable of the link that it
 * has. Without `as`, any variable will do, since Dokku makes one up if the usual one is taken.
 */
export function findMovedServices({ services }: Context, app: AppState | 'absent'): readonly ServiceSpec[] {
  if (app === 'absent') return [];
  return services.filter(
    (service) => service.as !== undefined && isLinked(app, service) && !isInVariable(app, service),
  );
}

function isInVariable({ config }: AppState, service: ServiceSpec): boolean {
  const linked = readServiceUrl(config.get(serviceUrlKey(service)) ?? '');
  return linked !== undefined && isSameService(linked, service);
}

/**
 * Refuses to link a service under a variable that the app has with another value. Dokku would refuse it too, but only after
 * the service was unlinked.
 *
 * Throws `configuration`.
 */
export function refuseTakenVariables(
  services: readonly ServiceSpec[],
  app: AppState | 'absent',
  removed: readonly string[],
): void {
  if (app === 'absent') return;
  for (const service of services) {
    const key = serviceUrlKey(service);
    if (service.as === undefined || !app.config.has(key) || removed.includes(key)) continue;
    throw new DeployError('configuration', {
      message: `${key} is set on the app already, and is to hold the URL of ${serviceLabel(service)}.`,
      remedy: `Choose another name in .dokku-deploy.yml (services: as), or remove the variable from the app if nothing needs it: dokku config:unset --no-restart APP ${key}`,
    });
  }
}
