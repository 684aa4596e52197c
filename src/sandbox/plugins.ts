import type { Handler } from './plugin.ts';
import { apps } from './plugin-apps.ts';
import { builds } from './plugin-builds.ts';
import { certs } from './plugin-certs.ts';
import { checks } from './plugin-checks.ts';
import { config } from './plugin-config.ts';
import { domains } from './plugin-domains.ts';
import { git } from './plugin-git.ts';
import { gitSource } from './plugin-git-source.ts';
import { helpFor, hostCommands } from './plugin-host.ts';
import { network } from './plugin-network.ts';
import { dockerOptions } from './plugin-options.ts';
import { ports } from './plugin-ports.ts';
import { proxy, proxyTable } from './plugin-proxy.ts';
import { ps } from './plugin-ps.ts';
import { resource } from './plugin-resource.ts';
import { processes } from './plugin-run.ts';
import { servicePlugin } from './plugin-services.ts';
import { storage } from './plugin-storage.ts';
import { propertyPlugin } from './properties.ts';
import { propertyTables } from './property-tables.ts';
import { serviceTypes } from './service-types.ts';

/** Every command that a host answers, by its word. */
export const commandTable = (services: readonly string[]): ReadonlyMap<string, Handler> => {
  const table = new Map(
    [
      ...[...propertyTables, proxyTable].map(propertyPlugin),
      apps,
      builds,
      certs,
      checks,
      config,
      dockerOptions,
      domains,
      git,
      gitSource,
      hostCommands(services),
      network,
      ports,
      processes,
      proxy,
      ps,
      resource,
      storage,
      ...serviceTypes.filter(({ plugin }) => services.includes(plugin)).map(servicePlugin),
    ].flatMap((plugin) => Object.entries(plugin)),
  );
  return new Map([...table, ['help', helpFor([...table.keys()])]]);
};
