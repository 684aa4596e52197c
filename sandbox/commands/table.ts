import type { Handler } from '../host/handler.ts';
import { servicePlugin } from '../services/plugin.ts';
import { serviceTypes } from '../services/service-types.ts';
import { apps } from './apps.ts';
import { buildpacks } from './buildpacks.ts';
import { builds } from './builds.ts';
import { certs } from './certs.ts';
import { checks } from './checks.ts';
import { config } from './config.ts';
import { cron } from './cron.ts';
import { dockerOptions } from './docker-options.ts';
import { domains } from './domains.ts';
import { enter } from './enter.ts';
import { git } from './git.ts';
import { gitSource } from './git-source.ts';
import { helpFor, hostCommands } from './host.ts';
import { httpAuth } from './http-auth.ts';
import { letsencrypt } from './letsencrypt.ts';
import { logs } from './logs.ts';
import { maintenance } from './maintenance.ts';
import { network } from './network.ts';
import { nginx } from './nginx.ts';
import { pluginCommands } from './plugins.ts';
import { ports } from './ports.ts';
import { propertyPlugin } from './properties.ts';
import { propertyTables } from './property-tables.ts';
import { proxy, proxyTable } from './proxy.ts';
import { ps } from './ps.ts';
import { registry } from './registry.ts';
import { resource } from './resource.ts';
import { run } from './run.ts';
import { runContainers } from './run-containers.ts';
import { schedulerK3s } from './scheduler-k3s.ts';
import { storage } from './storage.ts';
import { storageEntries } from './storage-entries.ts';

/** Returns the handlers of all the commands that a host has, by command name. */
export function commandTable(services: readonly string[]): ReadonlyMap<string, Handler> {
  const table = new Map(
    [
      ...[...propertyTables, proxyTable].map(propertyPlugin),
      apps,
      buildpacks,
      builds,
      certs,
      checks,
      config,
      cron,
      dockerOptions,
      domains,
      enter,
      git,
      gitSource,
      hostCommands,
      httpAuth,
      letsencrypt,
      logs,
      maintenance,
      network,
      nginx,
      pluginCommands(services),
      ports,
      registry,
      run,
      runContainers,
      proxy,
      ps,
      resource,
      schedulerK3s,
      storage,
      storageEntries,
      ...serviceTypes.filter(({ plugin }) => services.includes(plugin)).map(servicePlugin),
    ].flatMap((plugin) => Object.entries(plugin)),
  );
  return new Map([...table, ['help', helpFor([...table.keys()])]]);
}
