import type { Service } from '../host/service.ts';
import type { SandboxState } from '../host/state.ts';
import { serviceTypes } from './service-types.ts';

type ServiceId = Pick<Service, 'plugin' | 'name'>;

/** Returns a service's URL in Dokku's form. `scheme` is the app's `MYSQL_DATABASE_SCHEME` or similar. */
export function serviceUrl(service: ServiceId & Pick<Service, 'password'>, scheme?: string): string {
  const type = serviceTypes.find(({ plugin }) => plugin === service.plugin);
  if (!type) throw new Error(`no service type ${service.plugin}`);
  const database = type.hasDatabase ? `/${databaseName(service.name)}` : '';
  const user = type.user ?? service.name;
  return `${scheme || type.scheme}://${user}:${service.password}@${hostName(service)}:${type.ports[0]}${database}`;
}

/** Returns the name of the database in a service. */
export function databaseName(name: string): string {
  return name.replace(/[.-]/g, '_');
}

/**
 * Returns an environment in which a process on this machine can reach the services: in every value, the host names that
 * only containers can resolve are replaced by the loopback address of the service's program. The app's processes and
 * deploy scripts get it; the stored configuration stays as Dokku writes it.
 */
export function makeReachable(
  env: Readonly<Record<string, string>>,
  { services }: SandboxState,
): Record<string, string> {
  const addresses = [...services.values()]
    .flatMap((byName) => [...byName.values()])
    .filter(({ port }) => port !== undefined)
    .map((service) => [new RegExp(`@${hostName(service)}:\\d+`, 'g'), `@127.0.0.1:${service.port}`] as const);
  const mapped = Object.entries(env).map(([key, value]) => [
    key,
    addresses.reduce((text, [name, address]) => text.replace(name, address), value),
  ]);
  return Object.fromEntries(mapped);
}

/** Returns the host name of a service's container for the apps: dots and underscores become dashes. */
export function hostName(service: ServiceId): string {
  return containerName(service).replace(/[._]/g, '-');
}

/** Returns the name of a service's container. */
export function containerName({ plugin, name }: ServiceId): string {
  return `dokku.${plugin}.${name}`;
}
