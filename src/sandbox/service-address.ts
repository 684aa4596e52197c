import { serviceTypes } from './service-types.ts';
import type { SandboxState, Service } from './state.ts';

/** The host name that Dokku gives a service's container: `_` in the name becomes `-`. */
export const hostName = ({ plugin, name }: Pick<Service, 'plugin' | 'name'>): string =>
  `dokku-${plugin}-${name.replaceAll('_', '-')}`;

/** The URL of a service in Dokku's form. `scheme` as the app may ask for it (`MYSQL_DATABASE_SCHEME`). */
export const serviceUrl = (service: Service, scheme?: string): string => {
  const type = serviceTypes.find(({ plugin }) => plugin === service.plugin);
  if (!type) throw new Error(`no service type ${service.plugin}`);
  const database = type.hasDatabase ? `/${service.name.replaceAll('-', '_')}` : '';
  return `${scheme ?? type.scheme}://${type.user}:${service.password}@${hostName(service)}:${type.port}${database}`;
};

/**
 * An environment in which a process on this machine reaches the services: the host names that only Dokku's containers
 * know become the loopback address of the program that serves them. What the configuration says stays Dokku's.
 */
export const reachable = (
  env: Readonly<Record<string, string>>,
  { services }: SandboxState,
): Record<string, string> => {
  const addresses = [...services.values()]
    .flatMap((byName) => [...byName.values()])
    .filter(({ port }) => port !== undefined)
    .map((service) => [new RegExp(`@${hostName(service)}:\\d+`, 'g'), `@127.0.0.1:${service.port}`] as const);
  const mapped = Object.entries(env).map(([key, value]) => [
    key,
    addresses.reduce((text, [name, address]) => text.replace(name, address), value),
  ]);
  return Object.fromEntries(mapped);
};
