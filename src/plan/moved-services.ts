import type { Context, ServiceSpec } from '../context/context.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { isSameService, readServiceUrl } from '../dokku/services.ts';
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
