import type { Context, Inheritance } from '../context/context.ts';
import { exportConfig } from '../dokku/config.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readConfigOrFail } from '../dokku/reports.ts';
import { findServiceHost, readServiceUrl, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { findUrlPasswords, isSetting, Secret } from '../secret.ts';
import type { HostState } from './host-state.ts';
import { inheritableKey } from './keys.ts';
import type { Question } from './question.ts';

/** Returns the question about the app that configuration is inherited from; none without one. */
export function inheritQuestions({ inherit }: Context): Question[] {
  if (inherit === undefined) return [];
  const command = exportConfig(inherit.app);
  return [
    {
      command,
      read: (answer) => {
        if (answer.kind === 'answered') return { inheritFrom: readConfigOrFail(command, answer.stdout) };
        if (classifyRefusal(answer) === 'missing') return { inheritFrom: 'absent' };
        throw refusedError(command, answer);
      },
    },
  ];
}

/**
 * Returns the context with the inherited keys as a part of the app's configuration. Their values are secrets. For a host that was
 * not asked, it has the keys without values.
 *
 * Throws `not-inheritable`, with every key that is missing, not allowed, or leads to a service.
 */
export function addInherited(context: Context, { inheritFrom }: HostState): Context {
  const { inherit, config, vault } = context;
  if (inherit === undefined) return context;
  if (inheritFrom === 'absent') throw missingSourceError(inherit);
  const values = inheritFrom && checkInherited(context, inherit, inheritFrom);
  const secrets = [...(values ?? [])].map(([key, value]) => {
    const name = `config.${key}`;
    return [name, new Secret(name, value, { isPublic: isSetting([key], value) })] as const;
  });
  return { ...context, config: [...config, ...inherit.keys], vault: new Map([...vault, ...secrets]) };
}

function missingSourceError({ app }: Inheritance): DeployError {
  return new DeployError('not-inheritable', {
    message: `The app ${app}, from which configuration is to be inherited, does not exist on the host.`,
    remedy: 'Correct inherit.app in .dokku-deploy.yml. Nothing was changed.',
  });
}

function checkInherited(
  { app }: Context,
  inherit: Inheritance,
  config: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const allowed = (config.get(inheritableKey) ?? '').split(/[\s,]+/).filter((key) => key !== '');
  const refused = inherit.keys.flatMap((key) => {
    const reason = describeRefusal(key, { from: inherit.app, allowed, config });
    return reason === undefined ? [] : [`${key}: ${reason}`];
  });
  if (refused.length === 0) return new Map(inherit.keys.map((key) => [key, config.get(key) ?? '']));
  const list = [...new Set([...allowed, ...inherit.keys])].join(',');
  throw new DeployError('not-inheritable', {
    message: `${app} cannot inherit ${refused.length === 1 ? 'a key' : `${refused.length} keys`} of ${inherit.app}. Nothing was changed.`,
    said: refused,
    remedy: `Remove what must not be shared from inherit.keys. Who operates ${inherit.app} allows the others by name: dokku config:set --no-restart ${inherit.app} ${inheritableKey}=${list}`,
  });
}

interface Source {
  readonly from: string;
  readonly allowed: readonly string[];
  readonly config: ReadonlyMap<string, string>;
}

/** A key that is not allowed is not looked up: the error must not show whether it exists. */
function describeRefusal(key: string, { from, allowed, config }: Source): string | undefined {
  if (!allowed.includes(key)) return `${inheritableKey} of ${from} does not list it`;
  const value = config.get(key);
  if (value === undefined) return `not set on ${from}`;
  const service = findServiceHost(value);
  if (service !== undefined) return `its value leads to the service ${serviceLabel(service)}`;
  const passwords = [...config.values()].filter((one) => readServiceUrl(one)).flatMap(findUrlPasswords);
  return passwords.some((password) => password !== '' && value.includes(password))
    ? `its value contains the password of a service of ${from}`
    : undefined;
}
