import type { Context } from '../context/context.ts';
import type { Answer } from '../dokku/command.ts';
import { findLinkedServices, isSameService, type ServiceId, serviceLabel } from '../dokku/services.ts';
import { isServedUrl } from '../dokku/urls.ts';
import { findRunningVersion, type RunningVersion } from './deploy-record.ts';
import { markerKey, ownerKey, servicesKey } from './keys.ts';
import { type Marker, parseMarker, parseServices } from './marker.ts';
import { type Owner, parseOwner } from './owner.ts';

/** An app, as read from its own configuration. */
export interface AppState {
  readonly config: ReadonlyMap<string, string>;
  /** Undefined without a marker, and with one that this tool did not write for this app. */
  readonly marker: Marker | undefined;
  /** Undefined without an owner mark, and with one that this tool did not write for this app. */
  readonly owner: Owner | undefined;
  /** The services recorded as made for an environment's app. */
  readonly created: readonly ServiceId[];
  readonly linked: readonly ServiceId[];
}

/**
 * What is known about a service.
 *
 * - `absent`: no service has this name. `present`: one has, and the app does not name it as its own.
 * - `taken`: the app names it as its own, but another app is linked to it, and this one is not.
 * - `running`: its container runs. `stopped`: its container was stopped or removed; its data is kept.
 * - `missing`: it has no container, and why is not known yet.
 * - `unfinished`: its creation failed before its container started. `hollow`: its creation failed before the service got its
 *   password, so it never held data.
 */
export type ServiceState =
  | 'absent'
  | 'present'
  | 'taken'
  | 'running'
  | 'stopped'
  | 'missing'
  | 'unfinished'
  | 'hollow';

/**
 * Something that distinguishes an app without configuration from one that `apps:create` has just made.
 *
 * - `set`: a setting that someone made.
 * - `no-domain`: its default domain is missing. Either its creation is still running, or someone removed the domain.
 * - `half-removed`: its removal has begun and failed.
 */
export type Finding =
  | { readonly kind: 'set'; readonly setting: string }
  | { readonly kind: 'no-domain' | 'half-removed' };

/** How a commit relates to another one. `unrelated`: neither is an ancestor of the other. */
export type CommitOrder = 'same' | 'newer' | 'older' | 'unrelated' | 'unknown';

/** Commits between two others: how many, and the subjects of the newest of them. */
export interface AddedCommits {
  readonly count: number;
  readonly subjects: readonly string[];
}

/** What is known about the host. A missing key means that the question was not asked. */
export interface HostState {
  /** `absent`: the app does not exist. */
  readonly app?: AppState | 'absent';
  readonly deployBranch?: string;
  /** What the deploy branch is at; missing if it has no commit. */
  readonly branchRevision?: string | undefined;
  /** The image that the host deploys or has tried last, unless a commit was deployed with success since. */
  readonly sourceImage?: string | undefined;
  /** The host's own name for its last successful deploy; missing if there was none, or the question was not asked. */
  readonly revision?: string | undefined;
  /** The folder of the app's repository on the host. */
  readonly folder?: string | undefined;
  /** The app's own domains; missing if the question was not asked. */
  readonly domains?: readonly string[];
  /** Whether a build of the app is running; missing if the host cannot list its builds. */
  readonly isBuilding?: boolean;
  /** The app's URLs, the one to show first; only `status` asks. */
  readonly urls?: readonly string[];
  /** Whether the app's processes run, as the host prints it: `true`, `false` or `mixed`; only `status` asks. */
  readonly running?: string;
  /** The revision that the web process was started with; missing without one. Only `status` asks. */
  readonly startedWith?: string;
  /** How the job's commit, or what is promoted, relates to the recorded one; missing if none is recorded. */
  readonly order?: CommitOrder;
  /** The app that a promotion takes the code from. */
  readonly from?: Pick<HostState, 'app' | 'revision' | 'folder' | 'isBuilding'>;
  /** The commits that a promotion adds, if the clone has them. */
  readonly added?: AddedCommits | undefined;
  /** The configuration of the app that keys are inherited from. */
  readonly inheritFrom?: ReadonlyMap<string, string> | 'absent';
  /** The global domains of the host; asked only if the app's configuration contains its address. */
  readonly globalDomains?: readonly string[];
  /** What was found on an app without any configuration; asked only about such an app. */
  readonly findings?: readonly Finding[];
  /** The state of each service by label. */
  readonly services?: ReadonlyMap<string, ServiceState>;
  /** The services that the app is linked to, by plugin; asked only about a plugin of which a URL leads elsewhere. */
  readonly appLinks?: ReadonlyMap<string, readonly string[] | 'no-plugin'>;
  /** The answers to the questions of the declared settings, by `answerKey`. */
  readonly settingAnswers?: ReadonlyMap<string, Answer>;
  /** The names of all apps; asked only if `review stop` finds no app of its own by name. */
  readonly appNames?: readonly string[];
  /** Other apps that were looked at, by name; `unreadable`: the host refuses to print the configuration. */
  readonly others?: ReadonlyMap<string, AppState | 'absent' | 'unreadable'>;
}

/** Returns what runs in the app. A recorded URL that is no longer the app's is left out. */
export function runningVersion({
  app,
  revision,
  domains,
}: Pick<HostState, 'app' | 'revision' | 'domains'>): RunningVersion {
  if (typeof app !== 'object') return { revision: undefined, attempted: undefined, record: undefined };
  const version = findRunningVersion(app.config, revision);
  const { record } = version;
  if (record === undefined || domains === undefined || isServedUrl(record.url, domains)) return version;
  return { ...version, record: { ...record, url: undefined } };
}

/** Reads an app's state from its configuration. */
export function readAppState(app: string, config: ReadonlyMap<string, string>): AppState {
  const marker = config.get(markerKey);
  const owner = config.get(ownerKey);
  return {
    config,
    marker: marker === undefined ? undefined : parseMarker(marker, app),
    owner: owner === undefined ? undefined : parseOwner(owner, app),
    created: parseServices(config.get(servicesKey) ?? ''),
    linked: findLinkedServices(config),
  };
}

/** Returns the state of an empty host, for which `--offline` plans. */
export function emptyHostState(context: Context): HostState {
  return {
    app: 'absent',
    deployBranch: 'master',
    services: new Map(context.services.map((service) => [serviceLabel(service), 'absent'])),
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

/** Whether `deploy` deploys to the app, as this version records it or an earlier one did. */
export function isEnvironmentApp({ config }: AppState): boolean {
  return config.has(ownerKey) || config.has(servicesKey);
}

/** Whether an app is as `apps:create` leaves it: an earlier run was killed before it wrote the marker. */
export function isEmpty(app: AppState, { findings }: HostState): boolean {
  return isUnconfigured(app) && findings?.length === 0;
}

/** Whether the app may be one whose creation is still running: all it lacks is its default domain. */
export function isInCreation({ findings = [] }: HostState): boolean {
  return findings.length > 0 && findings.every(({ kind }) => kind === 'no-domain');
}

/** Whether a removal of the app failed after it had removed the configuration, and the marker with it. */
export function isHalfRemoved(app: AppState, { findings }: HostState): boolean {
  return isUnconfigured(app) && findings?.some(({ kind }) => kind === 'half-removed') === true;
}

/** Whether the app has no configuration but what `apps:create` sets on a host without a global domain. */
export function isUnconfigured({ config }: AppState): boolean {
  return isBareConfig(config);
}

/** Whether a configuration is that of an app which `apps:create` has just made. */
export function isBareConfig(config: ReadonlyMap<string, string>): boolean {
  return [...config].every(([key, value]) => key === 'NO_VHOST' && value === '1');
}
