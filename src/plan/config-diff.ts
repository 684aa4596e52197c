import type { Context } from '../context/context.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { serviceLabel } from '../dokku/services.ts';
import { changedSettings, obsoleteKeys } from './config-steps.ts';
import { declaredSettings } from './declared-env.ts';
import { findDrift } from './drift.ts';
import { type AppState, type HostState, isLinked } from './host-state.ts';
import { findMovedServices } from './moved-services.ts';
import { keepServiceNames } from './service-names.ts';

/** One difference between an app and the files of the project. */
export interface ConfigDifference {
  /** `env.KEY`, `services`, or the key of a setting. */
  readonly key: string;
  /** What the app has; secrets are not shown. */
  readonly before: string;
  /** What is declared; secrets by name. */
  readonly after: string;
}

/**
 * Returns every difference between an app and what is declared for it: its configuration, its services, its settings.
 *
 * Throws what `findDrift` throws.
 */
export function findConfigDifferences(given: Context, hostState: HostState): readonly ConfigDifference[] {
  const context = keepServiceNames(given, hostState);
  // Throws for an app that does not exist, or is not this environment's.
  const settings = findDrift(context, hostState);
  const { app = 'absent' } = hostState;
  return [
    ...diffServices(context, app),
    ...diffEnv(context, app),
    ...settings.map(({ key, before, after }) => ({ key, before, after })),
  ];
}

function diffServices(context: Context, app: AppState | 'absent'): ConfigDifference[] {
  const missing = context.services.filter((service) => !isLinked(app, service));
  return [
    ...missing.map((service) => ({ key: 'services', before: 'not linked', after: serviceLabel(service) })),
    ...findMovedServices(context, app).map((service) => ({
      key: 'services',
      before: `${serviceLabel(service)} in another variable`,
      after: `${serviceLabel(service)} in ${serviceUrlKey(service)}`,
    })),
  ];
}

function diffEnv(context: Context, app: AppState | 'absent'): ConfigDifference[] {
  const obsolete = obsoleteKeys(context, app, []);
  const current = app === 'absent' ? new Map<string, string>() : app.config;
  const fromAppJson = Object.keys(declaredSettings(context, app, obsolete));
  return [
    ...Object.keys(changedSettings(context, app)).map((key) => diffKey(key, current.get(key), context)),
    ...fromAppJson.map((key) => ({ key: `env.${key}`, before: 'not set', after: 'the value in app.json' })),
    ...obsolete.map((key) => ({ key: `env.${key}`, before: 'set', after: 'not set' })),
  ];
}

/** Values are shown only where the declared one is public. */
function diffKey(key: string, value: string | undefined, { vault }: Context): ConfigDifference {
  const secret = vault.get(`config.${key}`);
  const isShown = secret?.isPublic === true;
  const present = isShown ? value : 'another value';
  return {
    key: `env.${key}`,
    before: value === undefined ? 'not set' : (present ?? ''),
    after: secret === undefined ? '' : isShown ? secret.reveal() : secret.toString(),
  };
}
