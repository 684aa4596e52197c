import type { Context, ServiceSpec } from '../context/context.ts';
import { deriveServiceName } from '../context/name-rules.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { isSameService, readServiceUrl } from '../dokku/services.ts';
import { type AppState, type HostState, isLinked, ownsService } from './host-state.ts';

/**
 * Returns the context with the names that its services have on the host. A default name depends on the other services of the
 * list: `shop-database` for the only database, else `shop-postgres`. Otherwise a second database would change the name of the
 * first, and the app would get a new, empty one in its place.
 */
export function keepServiceNames(context: Context, { app = 'absent' }: HostState): Context {
  if (app === 'absent') return context;
  const names = new Map(
    context.services.filter(({ suffix }) => suffix === undefined).map((service) => [service, service.name]),
  );
  // Each rule is for the services that the rules before it left without a name.
  for (const rule of [findNameByVariable, findOwnName, findFormerName, findFreeName]) {
    for (const service of context.services.filter((one) => !names.has(one))) {
      const taken = [...names].flatMap(([{ plugin }, name]) => (plugin === service.plugin ? [name] : []));
      const name = rule({ service, appName: context.app, app, taken });
      if (name !== undefined) names.set(service, name);
    }
  }
  return {
    ...context,
    services: context.services.map((service) => ({ ...service, name: names.get(service) ?? service.name })),
  };
}

interface Choice {
  readonly service: ServiceSpec;
  readonly appName: string;
  readonly app: AppState;
  /** The names that other services of this plugin have got. */
  readonly taken: readonly string[];
}

/** Returns the service that the app has in the variable that this one is to be in. */
function findNameByVariable(choice: Choice): string | undefined {
  const { service, app } = choice;
  const linked = readServiceUrl(app.config.get(serviceUrlKey(service)) ?? '');
  if (linked === undefined) return undefined;
  return listExisting(choice).find((name) => isSameService(linked, { plugin: service.plugin, name }));
}

function findOwnName(choice: Choice): string | undefined {
  return listExisting(choice).find((name) => name === choice.service.name);
}

/**
 * Returns the app's only other service of this plugin if it is linked, since its variable may have got another name in the
 * file; else only for the first one, since someone may have unlinked it for a while.
 */
function findFormerName(choice: Choice): string | undefined {
  const { suffix, plugin } = choice.service;
  const [name, ...others] = listExisting(choice);
  if (name === undefined || others.length > 0) return undefined;
  const isFirst = suffix === 'database' || suffix === plugin;
  return isFirst || isLinked(choice.app, { plugin, name }) ? name : undefined;
}

/** A new service never gets the data of one that the file no longer has. */
function findFreeName(choice: Choice): string | undefined {
  const { service, taken } = choice;
  const used = [...taken, ...listExisting(choice)];
  return [service.name, ...listNumberedNames(choice)].find((name) => !used.includes(name));
}

/** Returns the services of the app that have default names, and that no other entry of the list has got. */
function listExisting(choice: Choice): readonly string[] {
  const { service, app, taken } = choice;
  return listDefaultNames(choice).filter((name) => {
    const id = { plugin: service.plugin, name };
    return !taken.includes(name) && (isLinked(app, id) || ownsService(app, id));
  });
}

function listDefaultNames(choice: Choice): readonly string[] {
  const { service, appName } = choice;
  const unnumbered = ['database', service.plugin].map((suffix) =>
    deriveServiceName(appName, suffix, service.plugin),
  );
  return [...unnumbered, ...listNumberedNames(choice)];
}

const numbers = [2, 3, 4, 5, 6, 7, 8, 9];

function listNumberedNames({ service: { plugin }, appName }: Choice): readonly string[] {
  return numbers.map((number) => deriveServiceName(appName, `${plugin}-${number}`, plugin));
}
