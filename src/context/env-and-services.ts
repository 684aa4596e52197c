import type { Problem } from '../problems.ts';
import { isSetting, Secret } from '../secret.ts';
import { checkConfigKey } from './config-keys.ts';
import type { ServiceSpec } from './context.ts';
import { type Expansion, expandVariables, lookUp, type TemplateEnv } from './expansion.ts';
import { deriveServiceName } from './name-rules.ts';
import type { Configuration, ServiceEntry } from './schema.ts';
import { checkKey, checkServiceValue, checkValue, isPublic } from './values.ts';

/** What values are resolved with: the job's variables, the secrets found so far, and the problems found so far. */
export interface Resolver {
  readonly env: TemplateEnv;
  /** Names in `env` that this tool adds; their values need no masking. */
  readonly added?: ReadonlySet<string>;
  readonly vault: Map<string, Secret>;
  readonly problems: Problem[];
  /** The configuration file's path, for problems. */
  readonly path: string;
}

type Env = NonNullable<Configuration['env']>;

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
interface SecretEntry {
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
function resolveSecret({ raw, where, secret, wrongKey, check }: SecretEntry, resolver: Resolver): void {
  const { vault, env, added, problems, path } = resolver;
  const { value, used } = expandValue(String(raw), where, resolver);
  const secretNames = used.filter((name) => {
    const text = lookUp(env, name) ?? '';
    return !added?.has(name) && !isPublic(name, text) && !isSetting([name, where], text);
  });
  for (const name of secretNames) vault.set(`$${name}`, new Secret(name, lookUp(env, name) ?? ''));
  vault.set(secret, new Secret(secret, value, { isPublic: secretNames.length === 0 }));
  const wrong = wrongKey ?? check(value);
  if (wrong) problems.push({ where: `${path}: ${where}`, ...wrong });
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

/** GitLab's variables, and the address of the app, are known to a job only if something sets them. */
function describeMissing(name: string): Pick<Problem, 'message' | 'remedy'> {
  return name === 'APP_HOST' || name === 'APP_URL'
    ? {
        message: `${name} is not known before the app is deployed`,
        remedy: 'Write $APP and the domain of the Dokku host: $APP.dokku.example.com.',
      }
    : {
        message: `the variable ${name} is not set in this job`,
        remedy: `Set ${name} as a CI/CD variable, write a default (\${${name}:-default}), or write $$ for a dollar sign.`,
      };
}

/** Returns a resolver whose variables include $APP, unless the job has a variable of that name. */
export function addAppVariables(app: string, resolver: Resolver): Resolver {
  // Dokku serves an app with a dot in its name under the name itself.
  const host: readonly [string, string][] = app.includes('.') ? [['APP_HOST', app]] : [];
  const variables = [['APP', app] as const, ...host].filter(
    ([name]) => lookUp(resolver.env, name) === undefined,
  );
  const added = new Set(variables.map(([name]) => name));
  return { ...resolver, env: { ...resolver.env, ...Object.fromEntries(variables) }, added };
}

/** Returns the services with their names. With `own` (a review app), each name is the app's own. */
export function resolveServices(
  entries: readonly ServiceEntry[],
  { app, own }: { readonly app: string; readonly own: boolean },
  resolver: Resolver,
): ServiceSpec[] {
  const full = entries.map((entry) => (typeof entry === 'string' ? { type: entry } : entry));
  const types = full.map(({ type }) => type);
  const services = full.map((entry: Exclude<ServiceEntry, string>, index) => {
    const suffix = chooseSuffix(entry.type, index, types);
    const name = resolveServiceName(entry, { app, own, suffix }, resolver);
    const service: ServiceSpec = {
      plugin: entry.type,
      name,
      ...(entry.image === undefined ? {} : { image: entry.image }),
      ...(entry.version === undefined ? {} : { version: String(entry.version) }),
      ...(entry.as === undefined ? {} : { as: entry.as }),
      env: resolveServiceEnv(entry.env ?? {}, name, resolver),
    };
    checkServiceName(service, resolver);
    return service;
  });
  checkDuplicates(services, resolver);
  return services;
}

const databasePlugins = new Set(['mysql', 'mariadb', 'postgres', 'mongo']);

/** Returns the suffix of a service's default name: `database` for the only database, else the plugin's name, numbered. */
function chooseSuffix(type: string, index: number, types: readonly string[]): string {
  if (databasePlugins.has(type) && types.filter((one) => databasePlugins.has(one)).length === 1)
    return 'database';
  const earlier = types.slice(0, index).filter((one) => one === type).length;
  return earlier === 0 ? type : `${type}-${earlier + 1}`;
}

function resolveServiceName(
  entry: Exclude<ServiceEntry, string>,
  { app, own, suffix }: { readonly app: string; readonly own: boolean; readonly suffix: string },
  resolver: Resolver,
): string {
  if (entry.name === undefined) return deriveServiceName(app, suffix, entry.type);
  const name = resolveText(entry.name, 'services.name', { ...resolver, env: { ...resolver.env, APP: app } });
  // All branches would share a fixed name.
  return own && name === entry.name
    ? deriveServiceName(app, name, entry.type)
    : deriveServiceName(name, '', entry.type);
}

function resolveServiceEnv(env: Env, name: string, resolver: Resolver): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([key, raw]) => {
      const secret = `service.${name}.${key}`;
      const invalid = checkKey(key);
      const wrongKey = invalid ? { message: `the key ${invalid}`, remedy: 'Rename it.' } : undefined;
      const entry = { raw, where: `services.env.${key}`, secret, wrongKey, check: checkServiceValue };
      resolveSecret(entry, resolver);
      return [key, secret];
    }),
  );
}

function checkServiceName({ plugin, name }: ServiceSpec, resolver: Resolver): void {
  if (/^[a-z]+$/.test(plugin) && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) return;
  resolver.problems.push({
    where: `${resolver.path}: services`,
    message: `${plugin}:${name} is not a valid service`,
    remedy: 'The type is a plugin’s name (mysql); names have letters, digits, dashes and underscores only.',
  });
}

function checkDuplicates(services: readonly ServiceSpec[], { path, problems }: Resolver): void {
  const labels = services.map(({ plugin, name }) => `${plugin}:${name}`);
  for (const label of new Set(labels.filter((one, index) => labels.indexOf(one) < index))) {
    problems.push({
      where: `${path}: services`,
      message: `${label} is listed more than once`,
      remedy: 'Give each its own name (name: …), or remove one.',
    });
  }
}

/** Expands the job's variables in a text of the file. Adds a problem for each one that is missing. */
export function resolveText(text: string, where: string, resolver: Resolver): string {
  return expandValue(text, where, resolver).value;
}
