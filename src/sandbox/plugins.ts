import type { Handler } from './call.ts';
import { apps } from './plugin-apps.ts';
import { config } from './plugin-config.ts';
import { core } from './plugin-core.ts';
import { servicePlugin } from './plugin-services.ts';
import { serviceTypes } from './service-types.ts';

/** Every command that a host answers, by its word. */
export const commandTable = (services: readonly string[]): ReadonlyMap<string, Handler> =>
  new Map(
    [
      apps,
      config,
      core,
      ...serviceTypes.filter(({ plugin }) => services.includes(plugin)).map(servicePlugin),
    ].flatMap((plugin) => Object.entries(plugin)),
  );
