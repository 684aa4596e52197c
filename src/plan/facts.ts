import type { Context } from '../context/context.ts';
import { appDeployed, gitReport } from '../dokku/apps.ts';
import type { Command } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import {
  isSameService,
  linkedServices,
  type ServiceName,
  serviceExists,
  serviceLabel,
  serviceStatus,
} from '../dokku/services.ts';
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

/** A question for the host, as data. `answered` in `observe` reads the answer. */
export type Question =
  | { readonly about: 'app' | 'branch' | 'deployed'; readonly command: Command }
  | { readonly about: 'service'; readonly service: ServiceName; readonly command: Command };

/** What an app's configuration says of it. */
export const seenApp = (config: Readonly<Record<string, string>>): SeenApp => ({
  config,
  marker: config[markerKey] === undefined ? undefined : readMarker(config[markerKey]),
  made: readServices(config[servicesKey] ?? ''),
  linked: linkedServices(config),
});

/** The facts of a host where nothing is there yet: what `--offline` plans for. */
export const emptyHost = (context: Context): Facts => ({
  app: 'absent',
  deployBranch: 'master',
  services: Object.fromEntries(context.services.map((service) => [serviceLabel(service), 'absent'])),
});

export const isLinked = (app: SeenApp | 'absent' | undefined, service: ServiceName): boolean =>
  typeof app === 'object' && app.linked.some((linked) => isSameService(linked, service));

const firstRound = (context: Context): Question[] => {
  const questions: Question[] = [{ about: 'app', command: exportConfig(context.app) }];
  if (context.verb !== 'review stop') {
    questions.push({ about: 'branch', command: gitReport(context.app) });
  }
  return questions;
};

/**
 * The questions that are still open: asked side by side, until there are none. An app that has its marker and all its
 * links answers them in the first round; only a first run, or one after a killed run, needs the second.
 */
export const openQuestions = (context: Context, facts: Facts): Question[] => {
  const { app, services } = facts;
  if (app === undefined) return firstRound(context);
  const deployed: Question = { about: 'deployed', command: appDeployed(context.app) };
  const isBare = app !== 'absent' && Object.keys(app.config).length === 0;
  if (context.verb === 'review stop') return isBare && facts.deployed === undefined ? [deployed] : [];
  const questions: Question[] = context.services
    .filter((service) => !isLinked(app, service) && services?.[serviceLabel(service)] === undefined)
    .map((service) => ({
      about: 'service',
      service,
      command: isNamed(app, service) ? serviceStatus(service) : serviceExists(service),
    }));
  const asksDeployed = context.verb === 'review start' && isBare && facts.deployed === undefined;
  return asksDeployed ? [...questions, deployed] : questions;
};

/** Whether the app says that the service was made for it. */
export const isNamed = (app: SeenApp | 'absent' | undefined, service: ServiceName): boolean => {
  if (typeof app !== 'object') return false;
  const named = [...(app.marker?.services ?? []), ...app.made];
  return named.some(({ plugin, name }) => plugin === service.plugin && name === service.name);
};
