import type { Command, Value } from './command.ts';

/** A service as the host names it: its plugin and its name. */
export interface ServiceId {
  readonly plugin: string;
  readonly name: string;
}

/** Formats a service for markers, plans and messages: `mysql:shop-database`. */
export function serviceLabel({ plugin, name }: ServiceId): string {
  return `${plugin}:${name}`;
}

export function serviceExists({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:exists`, name],
  };
}

/** Prints a table of everything that the host knows about a service, its password included. */
export function serviceInfo({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:info`, name],
  };
}

/** Starts a service whose container is stopped or missing; its data is kept. */
export function startService({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:start`, name],
  };
}

/** Stops a service and removes its container; its data is kept. */
export function stopService({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:stop`, name],
  };
}

interface CreateServiceOptions {
  readonly image?: string | undefined;
  readonly version?: string | undefined;
  /** Environment of its container. The plugins split `--custom-env` at semicolons: no value may contain one. */
  readonly env?: Readonly<Record<string, Value>>;
  /** Other flags, without dashes. */
  readonly options?: Readonly<Record<string, Value>> | undefined;
}

/** Creates a service. Its output contains the password: never print it. */
export function createService(
  service: ServiceId,
  { image, version, env = {}, options = {} }: CreateServiceOptions = {},
): Command {
  return {
    words: [
      `${service.plugin}:create`,
      service.name,
      ...(image ? ['--image', image] : []),
      ...(version ? ['--image-version', version] : []),
      ...(Object.keys(env).length > 0 ? ['--custom-env', { pairs: env }] : []),
      ...Object.entries(options).flatMap(([flag, value]) => [`--${flag}`, value]),
    ],
  };
}

/** Links a service to an app, which writes the app's configuration. The plugins expect their flags last. */
export function linkService(service: ServiceId, app: string, alias?: string): Command {
  return {
    words: [
      `${service.plugin}:link`,
      service.name,
      app,
      ...(alias ? ['--alias', alias] : []),
      '--no-restart',
    ],
  };
}

export function unlinkService(service: ServiceId, app: string): Command {
  return {
    words: [`${service.plugin}:unlink`, service.name, app, '--no-restart'],
  };
}

/** Prints the services of a plugin that an app is linked to, one per line. */
export function appLinks(plugin: string, app: string): Command {
  return { words: [`${plugin}:app-links`, app] };
}

/** Destroys a service with its data. The host refuses while it is linked, even with `--force`. */
export function destroyService({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:destroy`, name, '--force'],
  };
}

// Some plugins (memcached, elasticsearch) write no login in front of the host.
const serviceUrl = /^[a-z][a-z0-9+.]*:\/\/(?:[^/]*@)?dokku-([a-z]+)-([^:/]+):\d+/i;

/**
 * Returns the services that an app's configuration shows as linked: the plugins write a URL whose host is
 * `dokku-<plugin>-<name>`, with each `_` of the name as `-`.
 */
export function findLinkedServices(config: ReadonlyMap<string, string>): ServiceId[] {
  return [...config.values()].flatMap((value) => readServiceUrl(value) ?? []);
}

/** Returns the service that a URL leads to; undefined for any other value. */
export function readServiceUrl(value: string): ServiceId | undefined {
  const [, plugin, name] = serviceUrl.exec(value) ?? [];
  return plugin && name ? { plugin, name } : undefined;
}

/** Returns the service whose host name and port are anywhere in a value, such as `jdbc:mysql://dokku-mysql-shop:3306/shop`. */
export function findServiceHost(value: string): ServiceId | undefined {
  const [, plugin, name] = /\bdokku-([a-z]+)-([\w-]+)/i.exec(value) ?? [];
  return plugin && name ? { plugin, name } : undefined;
}

/** Whether a linked service, as `findLinkedServices` returns it, is this one. */
export function isSameService(linked: ServiceId, service: ServiceId): boolean {
  return linked.plugin === service.plugin && linked.name === service.name.replaceAll('_', '-');
}
