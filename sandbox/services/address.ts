import type { Service } from '../host/service.ts';
import type { SandboxState } from '../host/state.ts';
import { serviceTypes } from './service-types.ts';

type ServiceId = Pick<Service, 'plugin' | 'name'>;

/** The URL of a service in Dokku's form. `scheme` as an app may ask for it (`MYSQL_DATABASE_SCHEME`). */
export function serviceUrl(service: ServiceId & Pick<Service, 'password'>, scheme?: string): string {
  const type = serviceTypes.find(({ plugin }) => plugin === service.plugin);
  if (!type) throw new Error(`no service type ${service.plugin}`);
  const database = type.hasDatabase ? `/${databaseName(service.name)}` : '';
  const user = type.user ?? service.name;
  return `${scheme || type.scheme}://${user}:${service.password}@${hostName(service)}:${type.ports[0]}${database}`;
}

/** The name of the database in a service. */
export function databaseName(name: string): string {
  return name.replace(/[.-]/g, '_');
}

/**
 * An environment in which a process on this machine reaches the services: in every value the host names that only
 * Dokku's containers know become the loopback address of the program that serves them. What the configuration says
 * stays Dokku's. For the processes of an app: web and others, one-off commands, deploy scripts.
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

/** The host name under which an app finds a service's container: dots and underscores become dashes. */
export function hostName(service: ServiceId): string {
  return containerName(service).replace(/[._]/g, '-');
}

/** The name of a service's container. */
export function containerName({ plugin, name }: ServiceId): string {
  return `dokku.${plugin}.${name}`;
}
