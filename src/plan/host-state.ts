import type { Context } from '../context/context.ts';
import { findLinkedServices, isSameService, type ServiceId, serviceLabel } from '../dokku/services.ts';
import { type Marker, markerKey, parseMarker, parseServices, servicesKey } from './marker.ts';

/** An app, as read from its own configuration. */
export interface AppState {
  readonly config: Readonly<Record<string, string>>;
  readonly marker: Marker | undefined;
  /** The services recorded as made for an environment's app. */
  readonly created: readonly ServiceId[];
  readonly linked: readonly ServiceId[];
}

/** What is known about the host. A missing key means that the question was not asked. */
export interface HostState {
  /** `absent`: the app does not exist. */
  readonly app?: AppState | 'absent';
  readonly deployBranch?: string;
  /** Whether the app was ever deployed; asked only of an app without a marker. */
  readonly deployed?: boolean;
  /** The state of each service's container, by label; `absent`: no service has that name. */
  readonly services?: Readonly<Record<string, string>>;
}

/** Reads an app's state from its configuration. */
export function readAppState(config: Readonly<Record<string, string>>): AppState {
  return {
    config,
    marker: config[markerKey] === undefined ? undefined : parseMarker(config[markerKey]),
    created: parseServices(config[servicesKey] ?? ''),
    linked: findLinkedServices(config),
  };
}

/** Returns the state of an empty host, for which `--offline` plans. */
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

/** Whether the app's configuration records that the service was made for it. */
export function ownsService(app: AppState | 'absent' | undefined, service: ServiceId): boolean {
  if (typeof app !== 'object') return false;
  const owned = [...(app.marker?.services ?? []), ...app.created];
  return owned.some(({ plugin, name }) => plugin === service.plugin && name === service.name);
}

/** Whether an app is as `apps:create` leaves it: an earlier run was killed before it wrote the marker. */
export function isEmpty(app: AppState, hostState: HostState): boolean {
  return isUnconfigured(app) && hostState.deployed === false;
}

/** Whether the app has no configuration at all. */
export function isUnconfigured(app: AppState): boolean {
  return Object.keys(app.config).length === 0;
}
