import type { Context } from '../context/context.ts';
import { findLinkedServices, isSameService, type ServiceId, serviceLabel } from '../dokku/services.ts';
import { type Marker, markerKey, parseMarker, parseServices, servicesKey } from './marker.ts';

/** An app as its own configuration shows it. */
export interface AppState {
  readonly config: Readonly<Record<string, string>>;
  readonly marker: Marker | undefined;
  /** Services that an environment's app names as made for it. */
  readonly created: readonly ServiceId[];
  readonly linked: readonly ServiceId[];
}

/** What is known of the host. A missing key was not asked. */
export interface HostState {
  /** `absent`: there is no such app. */
  readonly app?: AppState | 'absent';
  readonly deployBranch?: string;
  /** Ever deployed; asked only of an app without a marker. */
  readonly deployed?: boolean;
  /** The state of a service's container, by label; `absent`: there is none of that name. */
  readonly services?: Readonly<Record<string, string>>;
}

/** What an app's configuration says of it. */
export function readAppState(config: Readonly<Record<string, string>>): AppState {
  return {
    config,
    marker: config[markerKey] === undefined ? undefined : parseMarker(config[markerKey]),
    created: parseServices(config[servicesKey] ?? ''),
    linked: findLinkedServices(config),
  };
}

/** The facts of a host where nothing is there yet: what `--offline` plans for. */
export function emptyHostState(context: Context): HostState {
  return {
    app: 'absent',
    deployBranch: 'master',
    services: Object.fromEntries(context.services.map((service) => [serviceLabel(service), 'absent'])),
  };
}

export function isLinked(app: AppState | 'absent' | undefined, service: ServiceId): boolean {
  return typeof app === 'object' && app.linked.some((linked) => isSameService(linked, service));
}

/** Whether the app says that the service was made for it. */
export function ownsService(app: AppState | 'absent' | undefined, service: ServiceId): boolean {
  if (typeof app !== 'object') return false;
  const owned = [...(app.marker?.services ?? []), ...app.created];
  return owned.some(({ plugin, name }) => plugin === service.plugin && name === service.name);
}

/** Whether an app is as `apps:create` leaves it: a run was killed before it marked it. */
export function isEmpty(app: AppState, hostState: HostState): boolean {
  return isUnconfigured(app) && hostState.deployed === false;
}

/** Whether nothing was configured. */
export function isUnconfigured(app: AppState): boolean {
  return Object.keys(app.config).length === 0;
}
