import type { Context } from '../context/context.ts';
import { isSameService, linkedServices, type ServiceName, serviceLabel } from '../dokku/services.ts';
import { type Marker, markerKey, readMarker, readServices, servicesKey } from './marker.ts';

/** An app as its own configuration shows it. */
export interface SeenApp {
  readonly config: Readonly<Record<string, string>>;
  readonly marker: Marker | undefined;
  /** Services that an environment's app names as made for it. */
  readonly made: readonly ServiceName[];
  readonly linked: readonly ServiceName[];
}

/** What is known of the host. A missing key was not asked. */
export interface Facts {
  /** `absent`: there is no such app. */
  readonly app?: SeenApp | 'absent';
  readonly deployBranch?: string;
  /** Ever deployed; asked only of an app without a marker. */
  readonly deployed?: boolean;
  /** The state of a service's container, by label; `absent`: there is none of that name. */
  readonly services?: Readonly<Record<string, string>>;
}

/** What an app's configuration says of it. */
export function seenApp(config: Readonly<Record<string, string>>): SeenApp {
  return {
    config,
    marker: config[markerKey] === undefined ? undefined : readMarker(config[markerKey]),
    made: readServices(config[servicesKey] ?? ''),
    linked: linkedServices(config),
  };
}

/** The facts of a host where nothing is there yet: what `--offline` plans for. */
export function emptyHost(context: Context): Facts {
  return {
    app: 'absent',
    deployBranch: 'master',
    services: Object.fromEntries(context.services.map((service) => [serviceLabel(service), 'absent'])),
  };
}

export function isLinked(app: SeenApp | 'absent' | undefined, service: ServiceName): boolean {
  return typeof app === 'object' && app.linked.some((linked) => isSameService(linked, service));
}

/** Whether the app says that the service was made for it. */
export function isNamed(app: SeenApp | 'absent' | undefined, service: ServiceName): boolean {
  if (typeof app !== 'object') return false;
  const named = [...(app.marker?.services ?? []), ...app.made];
  return named.some(({ plugin, name }) => plugin === service.plugin && name === service.name);
}

/** Whether an app is as `apps:create` leaves it: a run was killed before it marked it. */
export function isEmpty(app: SeenApp, facts: Facts): boolean {
  return isUnconfigured(app) && facts.deployed === false;
}

/** Whether nothing was configured. */
export function isUnconfigured(app: SeenApp): boolean {
  return Object.keys(app.config).length === 0;
}
