import { allowedIps } from './allowed-ips.ts';
import { basicAuth } from './basic-auth.ts';
import { builder } from './builder.ts';
import { buildpacks } from './buildpacks.ts';
import { checks } from './checks.ts';
import { dockerOptions } from './docker-options.ts';
import { domains } from './domains.ts';
import { git } from './git.ts';
import { maintenance } from './maintenance.ts';
import { network } from './network.ts';
import { nginx } from './nginx.ts';
import { paths } from './paths.ts';
import { ports } from './ports.ts';
import { proxy } from './proxy.ts';
import { registry } from './registry.ts';
import { resources } from './resources.ts';
import { restart } from './restart.ts';
import { scale } from './scale.ts';
import { scheduler } from './scheduler.ts';
import type { Setting } from './setting.ts';
import { storage } from './storage.ts';
import { tls } from './tls.ts';

/**
 * Every key of the declared environment, in the order in which changes of one phase are made. `domains` comes before
 * those that use the app's address, and after `proxy`, which brings the default ones back.
 */
export const settings: readonly Setting[] = [
  proxy,
  domains,
  git,
  paths,
  builder,
  buildpacks,
  scheduler,
  registry,
  resources,
  storage,
  network,
  dockerOptions,
  ports,
  scale,
  checks,
  restart,
  tls,
  basicAuth,
  allowedIps,
  nginx,
  maintenance,
];

/** Returns the setting of a key. Undefined for an unknown one, which a later version may have recorded. */
export function findSetting(key: string): Setting | undefined {
  return settings.find((setting) => setting.key === key);
}
