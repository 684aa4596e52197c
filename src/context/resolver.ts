import type { Problem } from '../problems.ts';
import { isSetting, Secret } from '../secret.ts';
import type { PendingAddress } from './address-types.ts';
import { checkConfigKey } from './config-keys.ts';
import { type Expansion, expandVariables, lookUp, type TemplateEnv } from './expansion.ts';
import type { Configuration } from './schema.ts';
import { checkValue, isPublic } from './values.ts';

/** What values are resolved with: the job's variables, the secrets found so far, and the problems found so far. */
export interface Resolver {
  readonly env: TemplateEnv;
  /** Names in `env` that this tool adds; their values need no masking. */
  readonly added?: ReadonlySet<string>;
  /** The address of an app whose domains are not declared. Only a value of the vault can wait until the host was asked for it. */
  readonly address?: PendingAddress;
  readonly vault: Map<string, Secret>;
  readonly problems: Problem[];
  /** The configuration file's path, for problems. */
  readonly path: string;
}

export type Env = NonNullable<Configuration['env']>;

/** Puts the app's configuration into the vault as `config.KEY`, and returns the keys. */
export function resolveConfig(env: Env, resolver: Resolver): string[] {
  for (const [key, raw] of Object.entries(env)) {
    const wrongKey = checkConfigKey(key);
    const entry = { raw, where: `env.${key}`, secret: `config.${key}`, wrongKey, check: checkValue };
    resolveSecret(entry, resolver);
  }
  return Object.keys(env);
}

/** A value for an app or a service: a secret, unless its variables are public or ordinary settings. */
export interface SecretEntry {
  readonly raw: Env[string];
  readonly where: string;
  /** Its name in the vault. */
  readonly secret: string;
  /** What is wrong with its key. */
  readonly wrongKey: ReturnType<typeof checkValue>;
  /** The check for values of its destination. */
  readonly check: typeof checkValue;
}

/** Puts a value into the vault, and each variable in it that may be a secret, since it may be printed on its own. */
export function resolveSecret(
  { raw, where, secret, wrongKey, check }: SecretEntry,
  resolver: Resolver,
): void {
  const { vault, problems, path } = resolver;
  const addressed = addPendingAddress({ raw, where, secret }, resolver);
  const { env, added } = addressed;
  const { value, used } = expandValue(String(raw), where, addressed);
  const secretNames = used.filter((name) => {
    const text = lookUp(env, name) ?? '';
    return !added?.has(name) && !isPublic(name, text) && !isSetting([name, where], text);
  });
  for (const name of secretNames) vault.set(`$${name}`, new Secret(name, lookUp(env, name) ?? ''));
  vault.set(secret, new Secret(secret, value, { isPublic: secretNames.length === 0 }));
  const wrong = wrongKey ?? check(value);
  if (wrong) problems.push({ where: `${path}: ${where}`, ...wrong });
}

/** Adds the address to the variables of a value that needs it. One with a default for it (`${APP_HOST:-x}`) does not wait. */
function addPendingAddress(
  { raw, where, secret }: Pick<SecretEntry, 'raw' | 'where' | 'secret'>,
  resolver: Resolver,
): Resolver {
  const { address, env, added = [], path } = resolver;
  const { missing } = expandVariables(String(raw), env);
  const needed = missing.filter((name) => lookUp(address?.variables ?? {}, name) !== undefined);
  if (address === undefined || needed.length === 0) return resolver;
  address.values.push({ secret, where: `${path}: ${where}` });
  return { ...resolver, env: { ...env, ...address.variables }, added: new Set([...added, ...needed]) };
}

function expandValue(text: string, where: string, { env, problems, path }: Resolver): Expansion {
  const expanded = expandVariables(text, env);
  for (const name of expanded.missing) {
    problems.push({ where: `${path}: ${where}`, ...describeMissing(name) });
  }
  for (const reference of expanded.unsupported) {
    problems.push({
      where: `${path}: ${where}`,
      message: `${reference.slice(0, 80)} is not supported`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
      remedy: 'Use $NAME, ${NAME} or ${NAME:-default}, or write $$ for a dollar sign.',
    });
  }
  return expanded;
}

/** The address of an app is not known if no declared domain is one host, or if its scheme is not declared. */
function describeMissing(name: string): Pick<Problem, 'message' | 'remedy'> {
  return name === 'APP_HOST' || name === 'APP_URL'
    ? {
        message: `${name} is not known before the app is deployed`,
        remedy:
          name === 'APP_HOST'
            ? 'Declare a domain that is one host (domains), or write $APP and the domain of the Dokku host: $APP.dokku.example.com.'
            : 'Declare tls (tls: none for http); if domains are declared, one of them must be one host. Or write $APP and the domain of the Dokku host: https://$APP.dokku.example.com.',
      }
    : {
        message: `the variable ${name} is not set in this job`,
        remedy: `Set ${name} as a CI/CD variable, write a default (\${${name}:-default}), or write $$ for a dollar sign.`,
      };
}

/** What the variables that this tool adds are made from. */
export interface AppVariables {
  readonly app: string;
  /** The branch as part of a host name, and the number of its merge request; undefined where there is none. */
  readonly slug: string | undefined;
  readonly mergeRequest: string | undefined;
}

/** Returns a resolver whose variables include $APP, $REF_SLUG and $MR, unless the job has variables of these names. */
export function addAppVariables({ app, slug, mergeRequest }: AppVariables, resolver: Resolver): Resolver {
  const values = [
    ['APP', app],
    // Dokku serves an app with a dot in its name under the name itself.
    ['APP_HOST', app.includes('.') ? app : undefined],
    ['REF_SLUG', slug],
    ['MR', mergeRequest],
  ] as const;
  const variables = values.filter(
    ([name, value]) => value !== undefined && lookUp(resolver.env, name) === undefined,
  );
  const added = new Set(variables.map(([name]) => name));
  return { ...resolver, env: { ...resolver.env, ...Object.fromEntries(variables) }, added };
}

/** Expands the job's variables in a text of the file. Adds a problem for each one that is missing. */
export function resolveText(text: string, where: string, resolver: Resolver): string {
  return expandValue(text, where, resolver).value;
}
