import type { ServiceSpec } from '../context/context.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { isSameService, readServiceUrl, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';

/**
 * Refuses to link a service whose variable Dokku counts as taken. It would link the service under a name of its own, and the
 * app would have another database than the file says, or none. With `as`, Dokku refuses, too, but only after the service was
 * made.
 *
 * `config` is the app's configuration right before the links, `links` the services in the order of their links, and
 * `requested` all services that the job asks for.
 *
 * Throws `configuration`.
 */
export function checkLinkVariables(
  config: ReadonlyMap<string, string>,
  {
    links,
    requested,
  }: { readonly links: readonly ServiceSpec[]; readonly requested: readonly ServiceSpec[] },
): void {
  const linked = new Set<string>();
  for (const service of links) {
    const key = serviceUrlKey(service);
    const holder = findHolder(config, key);
    // Of two services in one variable, the log warns anyway.
    const isShared = linked.has(key) || isUrlOf(requested, config.get(key));
    if (holder !== undefined && !isShared) throw takenError(service, { key, holder, value: config.get(key) });
    linked.add(key);
  }
}

/** The plugins search for the variable in the text of the configuration: `READ_DATABASE_URL` counts as `DATABASE_URL`. */
function findHolder(config: ReadonlyMap<string, string>, key: string): string | undefined {
  if (config.has(key)) return key;
  return [...config].find(([other, value]) => `${other}: ${value}`.includes(key))?.[0];
}

function isUrlOf(services: readonly ServiceSpec[], value = ''): boolean {
  const linked = readServiceUrl(value);
  return linked !== undefined && services.some((service) => isSameService(linked, service));
}

interface TakenVariable {
  readonly key: string;
  /** The variable of the app that counts as `key`. */
  readonly holder: string;
  readonly value: string | undefined;
}

function takenError(service: ServiceSpec, { key, holder, value = '' }: TakenVariable): DeployError {
  const label = serviceLabel(service);
  const other = readServiceUrl(value);
  if (holder !== key) {
    return new DeployError('configuration', {
      message: `Dokku would not put the URL of ${label} into ${key}: ${holder} contains this name, so it counts as set.`,
      remedy: `Rename ${holder}, or choose another variable for the service (services: as).`,
    });
  }
  if (other === undefined) {
    return new DeployError('configuration', {
      message: `${key} is to hold the URL of ${label}, but is set on the app already.`,
      remedy: `Remove it from the app if nothing needs it (dokku config:unset --no-restart), or choose another variable for the service (services: as).`,
    });
  }
  return new DeployError('configuration', {
    message: `${key} is to hold the URL of ${label}, but the app has ${serviceLabel(other)} in it.`,
    remedy: `To use that service, name it in .dokku-deploy.yml: {type: ${other.plugin}, name: ${other.name}}. For one beside it, choose another variable: as.`,
  });
}
