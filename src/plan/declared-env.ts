import type { Context, DeclaredVariable } from '../context/context.ts';
import type { Value } from '../dokku/command.ts';
import { DeployError } from '../errors.ts';
import type { AppState } from './host-state.ts';

/**
 * Returns the variables that app.json declares with a default and that the app lacks, with that default. Dokku sets them
 * on the first deploy only, so one that is declared later would never arrive. `removed` are keys that the plan unsets.
 *
 * Throws `configuration`, with every one of them, if required variables have neither a value nor a default.
 */
export function declaredSettings(
  { declaredEnv, app: name }: Context,
  app: AppState | 'absent',
  removed: readonly string[],
): Record<string, Value> {
  const lacking = declaredEnv.filter(
    ({ key }) => app === 'absent' || removed.includes(key) || !app.config.get(key),
  );
  const missing = lacking.filter((variable) => variable.required && defaultOf(variable) === undefined);
  if (missing.length > 0) throw missingValuesError(name, missing);
  return Object.fromEntries(
    lacking.flatMap((variable) => {
      const value = defaultOf(variable);
      return value === undefined ? [] : [[variable.key, value] as const];
    }),
  );
}

/** An empty default counts as none, as in Dokku. */
function defaultOf({ key, value, generator }: DeclaredVariable): Value | undefined {
  return generator === 'secret' ? { secret: generatedSecretName(key) } : value || undefined;
}

/** Whether a secret of the vault is a random default. */
export function isGeneratedSecret(name: string): boolean {
  return name.startsWith('generated.');
}

/** Returns the name under which the vault has the random default of a variable with `generator: secret`. */
export function generatedSecretName(key: string): string {
  return `generated.${key}`;
}

function missingValuesError(app: string, missing: readonly DeclaredVariable[]): DeployError {
  const keys = missing.map(({ key }) => key);
  return new DeployError('configuration', {
    message: `app.json requires ${keys.join(', ')}, and ${app} has no value for ${keys.length === 1 ? 'it' : 'them'}.`,
    said: missing.map(({ key, where }) => `${where}: ${key}`),
    remedy: `Set ${keys.length === 1 ? 'it' : 'them'} with env: in .dokku-deploy.yml, from a CI variable, or once on the app: dokku config:set ${app} ${keys[0]}=...`,
  });
}
