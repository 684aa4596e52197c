import type { Command, Value } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import { findLinkedServices, isSameService } from '../dokku/services.ts';
import type { Vault } from '../secret.ts';
import { type ConfigWrite, configWrite } from './config-write.ts';
import { isGeneratedSecret } from './declared-env.ts';
import { mergeMark } from './merge-marks.ts';
import type { ConfirmStep } from './plan.ts';

/** Returns the step that checks that the values and links of a plan have arrived. */
export function confirmStep(
  app: string,
  { values, links, needs }: Pick<ConfirmStep, 'values' | 'links' | 'needs'>,
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
    links,
  };
}

/** What of a plan's configuration is not on the app. */
export interface LostConfig {
  readonly write: ConfigWrite | undefined;
  readonly links: readonly Command[];
  /** The keys and services, for the log. */
  readonly names: readonly string[];
}

/** Compares what a plan has written with the configuration of the app. */
export function findLostConfig(
  { app, values, links }: ConfirmStep,
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
  const linked = findLinkedServices(config);
  const lostLinks = links.filter(({ service }) => !linked.some((one) => isSameService(one, service)));
  return {
    write: lost.length > 0 ? configWrite(app, Object.fromEntries(lost)) : undefined,
    links: lostLinks.map(({ command }) => command),
    names: [...lost.map(([key]) => key), ...lostLinks.map(({ service }) => service.name)],
  };
}
