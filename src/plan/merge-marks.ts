import type { ServiceId } from '../dokku/services.ts';
import { serviceLabel } from '../dokku/services.ts';
import { markerKey, servicesKey } from './keys.ts';
import { formatMarker, formatServices, parseMarker, parseServices } from './marker.ts';

/**
 * Returns the value that a key must have, given what the host has. A record that names services keeps those that another
 * job of the same app has added: nothing else names them.
 */
export function mergeMark(key: string, wanted: string, found: string | undefined, app: string): string {
  if (found === undefined) return wanted;
  if (key === servicesKey) return formatServices(unite(parseServices(wanted), parseServices(found)));
  if (key !== markerKey) return wanted;
  const [marker, other] = [parseMarker(wanted, app), parseMarker(found, app)];
  if (!marker || !other) return wanted;
  return formatMarker({ ...marker, services: unite(marker.services, other.services) });
}

/** In the order of the services found, so that two jobs that name the same services write the same list. */
function unite(wanted: readonly ServiceId[], found: readonly ServiceId[]): ServiceId[] {
  const known = new Set(found.map(serviceLabel));
  return [...found, ...wanted.filter((service) => !known.has(serviceLabel(service)))];
}
