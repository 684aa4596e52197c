import { serviceLabel } from '../dokku/services.ts';
import type { AppEnv } from './app-env.ts';
import type { ServiceSpec, Warning } from './context.ts';
import type { Resolver } from './resolver.ts';

/** Returns the variable of the app that holds a service's URL after the link. */
export function serviceUrlKey({ plugin, as }: Pick<ServiceSpec, 'plugin' | 'as'>): string {
  const alias = as ?? (sqlPlugins.has(plugin) ? 'DATABASE' : plugin.toUpperCase());
  return `${alias}_URL`;
}

// These plugins name their variable DATABASE_URL; all others are named after themselves.
const sqlPlugins = new Set(['mysql', 'mariadb', 'postgres']);

/**
 * Adds a problem for each key of the app's configuration that a service sets too: the app would silently use another
 * database than the one that was made for it. `place` is where the services are listed.
 */
export function checkServiceUrls(
  keys: AppEnv,
  { services, place }: { readonly services: readonly ServiceSpec[]; readonly place: string },
  { problems }: Resolver,
): void {
  for (const service of services) {
    const where = keys.get(serviceUrlKey(service));
    if (where === undefined) continue;
    problems.push({
      where,
      message: `the ${service.plugin} service in ${place} sets this variable too`,
      remedy:
        'Remove one of them (services: [] removes the service in one environment), or give the service another variable: as: OTHER.',
    });
  }
}

/**
 * Adds a problem for two services that are to be in the same variable, which Dokku refuses, and a warning for two whose plugins
 * would use the same one: Dokku then makes up a name for the second.
 */
export function checkSharedUrls(
  services: readonly ServiceSpec[],
  { path, problems }: Resolver,
  warnings: Warning[],
): void {
  for (const [index, service] of services.entries()) {
    const key = serviceUrlKey(service);
    const earlier = services.slice(0, index).find((one) => serviceUrlKey(one) === key);
    if (earlier === undefined) continue;
    const label = serviceLabel(service);
    const message = `${label} and ${serviceLabel(earlier)} are both in ${key}`;
    if (service.as !== undefined || earlier.as !== undefined) {
      const remedy = 'Give each service a variable of its own: as: CACHE.';
      problems.push({ where: `${path}: services`, message, remedy });
    } else {
      const about = `${message}, so Dokku makes up another name for one of them (DOKKU_…_URL); name it with as`;
      warnings.push({ about: `${path}: services`, message: about });
    }
  }
}
