import type { Command, Value } from '../dokku/command.ts';
import { exportConfig, unsetConfig } from '../dokku/config.ts';
import { findLinkedServices, isSameService, readServiceUrl } from '../dokku/services.ts';
import type { Vault } from '../secret.ts';
import { type ConfigWrite, configWrite } from './config-write.ts';
import { isGeneratedSecret } from './declared-env.ts';
import { mergeMark } from './merge-marks.ts';
import type { ConfirmStep } from './plan.ts';

/** Returns the step that checks that the values, removals and links of a plan have arrived. */
export function confirmStep(
  app: string,
  { values, removed, links, needs }: Pick<ConfirmStep, 'values' | 'removed' | 'links' | 'needs'>,
): ConfirmStep {
  return {
    kind: 'confirm',
    id: 'confirm',
    title: `Check the configuration of ${app}`,
    needs,
    repeat: 'what has arrived is not written again',
    app,
    command: exportConfig(app),
    values,
    removed,
    links,
  };
}

/** What of a plan's configuration is not on the app. */
export interface LostConfig {
  readonly write: ConfigWrite | undefined;
  /** Removes the keys that are on the app again. */
  readonly unset: Command | undefined;
  readonly links: readonly Command[];
  /** The keys and services, for the log. */
  readonly names: readonly string[];
}

/** Compares what a plan has written with the configuration of the app. */
export function findLostConfig(
  { app, values, removed, links }: ConfirmStep,
  config: ReadonlyMap<string, string>,
  vault: Vault,
): LostConfig {
  const lost = Object.entries(values).flatMap(([key, value]): [string, Value][] => {
    const found = config.get(key);
    if (typeof value === 'string') {
      const merged = mergeMark(key, value, found, app);
      return merged === found ? [] : [[key, merged]];
    }
    // Another job may have generated its own.
    if (isGeneratedSecret(value.secret) && found) return [];
    return vault.get(value.secret)?.reveal() === found ? [] : [[key, value]];
  });
  const returned = removed.filter((key) => {
    const found = config.get(key);
    return found !== undefined && readServiceUrl(found) === undefined;
  });
  const linked = findLinkedServices(config);
  const lostLinks = links.filter(({ service }) => !linked.some((one) => isSameService(one, service)));
  return {
    write: lost.length > 0 ? configWrite(app, Object.fromEntries(lost)) : undefined,
    unset: returned.length > 0 ? unsetConfig(app, returned) : undefined,
    links: lostLinks.map(({ command }) => command),
    names: [...lost.map(([key]) => key), ...returned, ...lostLinks.map(({ service }) => service.name)],
  };
}
