import type { Command, Value } from './command.ts';

/** A service as the host names it: the plugin's word and the service's name. */
export interface ServiceId {
  readonly plugin: string;
  readonly name: string;
}

/** `mysql:shop-database`: how a service is written in a marker, a plan and a message. */
export function serviceLabel({ plugin, name }: ServiceId): string {
  return `${plugin}:${name}`;
}

export function serviceExists({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:exists`, name],
  };
}

/** Prints one word of the container's state, e.g. `running`. */
export function serviceStatus({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:info`, name, '--status'],
  };
}

interface CreateServiceOptions {
  readonly image?: string | undefined;
  readonly version?: string | undefined;
  /** Environment of its container. The plugins split `--custom-env` at semicolons: no value may hold one. */
  readonly env?: Readonly<Record<string, Value>>;
}

/** Makes a service. Its answer shows the password: never print it. */
export function createService(
  service: ServiceId,
  { image, version, env = {} }: CreateServiceOptions = {},
): Command {
  return {
    words: [
      `${service.plugin}:create`,
      service.name,
      ...(image ? ['--image', image] : []),
      ...(version ? ['--image-version', version] : []),
      ...(Object.keys(env).length > 0 ? ['--custom-env', { pairs: env }] : []),
    ],
  };
}

/** Links a service to an app: a write of the app's configuration. The plugins want their flags last. */
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

/** Destroys a service with its data; a linked one refuses, even with `--force`. */
export function destroyService({ plugin, name }: ServiceId): Command {
  return {
    words: [`${plugin}:destroy`, name, '--force'],
  };
}

const serviceUrl = /^[a-z][a-z0-9+.]*:\/\/[^/]*@dokku-([a-z]+)-([^:/]+):\d+/i;

/**
 * The services that an app's configuration shows to be linked: the plugins write a URL whose host is
 * `dokku-<plugin>-<name>`, with `_` of the name as `-`.
 */
export function findLinkedServices(config: Readonly<Record<string, string>>): ServiceId[] {
  return Object.values(config).flatMap((value) => {
    const found = serviceUrl.exec(value);
    return found?.[1] && found[2] ? [{ plugin: found[1], name: found[2] }] : [];
  });
}

/** Whether a linked service, as `findLinkedServices` reads it, is this one. */
export function isSameService(linked: ServiceId, service: ServiceId): boolean {
  return linked.plugin === service.plugin && linked.name === service.name.replaceAll('_', '-');
}
