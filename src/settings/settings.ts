import { builder } from './builder.ts';
import { buildpacks } from './buildpacks.ts';
import { checks } from './checks.ts';
import { dockerOptions } from './docker-options.ts';
import { domains } from './domains.ts';
import { git } from './git.ts';
import { network } from './network.ts';
import { paths } from './paths.ts';
import { ports } from './ports.ts';
import { registry } from './registry.ts';
import { resources } from './resources.ts';
import { restart } from './restart.ts';
import { scale } from './scale.ts';
import { scheduler } from './scheduler.ts';
import type { Setting } from './setting.ts';
import { storage } from './storage.ts';
import { tls } from './tls.ts';

/**
 * Every key of the declared environment, in the order in which changes of one phase are made. `domains` comes first: other
 * keys may use the app's address.
 */
export const settings: readonly Setting[] = [
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
];

/** Returns the setting of a key. Undefined for an unknown one, which a later version may have recorded. */
export function findSetting(key: string): Setting | undefined {
  return settings.find((setting) => setting.key === key);
}
