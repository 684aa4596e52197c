import type { Context } from '../context/context.ts';
import type { Value } from '../dokku/command.ts';
import { unsetConfig } from '../dokku/config.ts';
import { isSameService, readServiceUrl, type ServiceId } from '../dokku/services.ts';
import { configWrite } from './config-write.ts';
import type { AppState } from './host-state.ts';
import { isInternalKey, keysKey } from './keys.ts';
import type { CommandStep, ConfigureStep } from './plan.ts';

/** Returns the keys of `env` whose value on the host differs from the wanted one, with that value. */
export function changedSettings({ config, vault }: Context, app: AppState | 'absent'): Record<string, Value> {
  return Object.fromEntries(
    config
      .filter((key) => app === 'absent' || app.config.get(key) !== vault.get(`config.${key}`)?.reveal())
      .map((key) => [key, { secret: `config.${key}` }]),
  );
}

/** Returns this tool's own records that differ on the host: the given marks and the keys of `env`. */
export function changedRecords(
  context: Context,
  app: AppState | 'absent',
  marks: Readonly<Record<string, string>>,
): Record<string, string> {
  const records = { ...marks, ...recordEnvKeys(context, app) };
  return Object.fromEntries(
    Object.entries(records).filter(([key, value]) => app === 'absent' || app.config.get(key) !== value),
  );
}

function recordEnvKeys({ config }: Context, app: AppState | 'absent'): Record<string, string> {
  const isNeeded = config.length > 0 || (app !== 'absent' && app.config.has(keysKey));
  return isNeeded ? { [keysKey]: config.toSorted().join(',') } : {};
}

/** Returns the step that writes the given values in one command. */
export function configureStep(
  app: string,
  values: Readonly<Record<string, Value>>,
  needs: readonly string[],
): ConfigureStep {
  return {
    kind: 'configure',
    id: 'configure',
    title: configureTitle(app, Object.keys(values)),
    needs,
    repeat: 'the same values are written again',
    app,
    ...configWrite(app, values),
  };
}

function configureTitle(app: string, keys: readonly string[]): string {
  const settings = keys.filter((key) => !isInternalKey(key));
  return settings.length > 0 ? `Configure ${app}: ${settings.join(', ')}` : `Mark ${app}`;
}

/**
 * Returns the keys to remove from an app: those that an earlier run set from `env` and that `env` no longer has, and the
 * variables that an unlink can leave behind (Dokku forgets one whose URL scheme changed after the link).
 */
export function obsoleteKeys(
  { config, services }: Context,
  app: AppState | 'absent',
  unlinked: readonly ServiceId[],
): string[] {
  if (app === 'absent') return [];
  const own = [...services, ...(app.marker?.services ?? []), ...app.created];
  const recorded = new Set((app.config.get(keysKey) ?? '').split(','));
  return [...app.config].flatMap(([key, value]) => {
    const linked = readServiceUrl(value);
    const leadsTo = (found: readonly ServiceId[]) =>
      linked !== undefined && found.some((service) => isSameService(linked, service));
    const wasSet = recorded.has(key) && !config.includes(key) && !isInternalKey(key);
    return leadsTo(unlinked) || (wasSet && !leadsTo(own)) ? [key] : [];
  });
}

/** Returns the step that removes keys from an app's configuration. */
export function unsetStep(app: string, keys: readonly string[], needs: readonly string[]): CommandStep {
  return {
    kind: 'command',
    id: 'unset',
    title: `Remove ${keys.join(', ')} from the configuration of ${app}`,
    needs,
    repeat: 'a key that is not set counts as removed',
    command: unsetConfig(app, keys),
    doneIf: [],
  };
}
