import type { Context, ServiceSpec } from '../context/context.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { isSameService, readServiceUrl, serviceLabel } from '../dokku/services.ts';
import { type AppState, isLinked } from './host-state.ts';

/**
 * Returns the linked services whose URL is not as the file says, since Dokku does not change that of a link: it is not in the
 * variable that `as` names, or has another scheme than `MYSQL_DATABASE_SCHEME` says. Without `as`, any variable will do, since
 * Dokku makes one up if the usual one is taken.
 */
export function findMovedServices(context: Context, app: AppState | 'absent'): readonly ServiceSpec[] {
  if (app === 'absent') return [];
  return context.services.filter((service) => {
    const url = app.config.get(serviceUrlKey(service)) ?? '';
    const linked = readServiceUrl(url);
    return linked !== undefined && isSameService(linked, service)
      ? hasOtherScheme(context, { url, service, app })
      : service.as !== undefined && isLinked(app, service);
  });
}

function hasOtherScheme(
  { config, vault }: Context,
  { url, service, app }: { readonly url: string; readonly service: ServiceSpec; readonly app: AppState },
): boolean {
  const key = `${service.plugin.toUpperCase()}_DATABASE_SCHEME`;
  const scheme = config.includes(key) ? vault.get(`config.${key}`)?.reveal() : app.config.get(key);
  return scheme !== undefined && scheme !== '' && !url.startsWith(`${scheme}://`);
}

// The variables that these plugins use by default are known.
const knownPlugins = new Set(['mysql', 'mariadb', 'postgres', 'redis', 'mongo']);

/**
 * Returns a warning for each linked service that is not in its plugin's usual variable, although the file names no other. It stays
 * there: an operator may have linked it so.
 */
export function describeOtherVariables({ services }: Context, app: AppState | 'absent'): string[] {
  if (app === 'absent') return [];
  return services.flatMap((service) => {
    const usual = serviceUrlKey(service);
    if (service.as !== undefined || !knownPlugins.has(service.plugin)) return [];
    const keys = [...app.config].flatMap(([key, value]) => {
      const linked = readServiceUrl(value);
      return linked !== undefined && isSameService(linked, service) ? [key] : [];
    });
    const [key] = keys;
    if (key === undefined || keys.includes(usual)) return [];
    return [
      `the URL of ${serviceLabel(service)} is in ${key}, not in ${usual}: write as: ${key.replace(/_URL$/, '')}, or unlink it once by hand`,
    ];
  });
}
