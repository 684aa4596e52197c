import type { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { WantedService } from './context.ts';
import { serviceName } from './naming.ts';
import type { Configuration, ServiceEntry } from './schema.ts';
import { type Expanded, expand, isPublic, keyProblem, serviceValueProblem, valueProblem } from './values.ts';

/** Where values are put together: the job's variables, the secrets found so far, and what is wrong. */
export interface Settling {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vault: Map<string, Secret>;
  readonly problems: Problem[];
  /** The configuration file's path, for messages. */
  readonly path: string;
}

type Env = NonNullable<Configuration['env']>;

/** Puts the app's configuration into the vault as `config.KEY` and gives the keys. */
export function settleConfig(env: Env, settling: Settling): string[] {
  for (const [key, raw] of Object.entries(env)) {
    const entry = { key, raw, where: `env.${key}`, secret: `config.${key}`, problemOf: valueProblem };
    settleSecret(entry, settling);
  }
  return Object.keys(env);
}

/** A value that an app or a service gets: a secret, unless nothing in it is one. */
interface Entry {
  readonly key: string;
  readonly raw: Env[string];
  readonly where: string;
  /** Under which name it lies in the vault. */
  readonly secret: string;
  /** What is wrong with the value where it is to go. */
  readonly problemOf: typeof valueProblem;
}

/** Puts a value into the vault, and each of its variables that is no public one: it may show up without the rest. */
function settleSecret({ key, raw, where, secret, problemOf }: Entry, settling: Settling): void {
  const { vault, env, problems, path } = settling;
  const { value, used } = expandHere(String(raw), where, settling);
  const hidden = used.filter((name) => !isPublic(name, env[name] ?? ''));
  for (const name of hidden) vault.set(`$${name}`, new Secret(name, env[name] ?? ''));
  vault.set(secret, new Secret(secret, value, { isPublic: hidden.length === 0 }));
  const wrongKey = keyProblem(key);
  const wrong = wrongKey ? { message: `the key ${wrongKey}`, remedy: 'Rename it.' } : problemOf(value);
  if (wrong) problems.push({ where: `${path}: ${where}`, ...wrong });
}

function expandHere(text: string, where: string, { env, problems, path }: Settling): Expanded {
  const expanded = expand(text, env);
  for (const name of expanded.missing) {
    problems.push({
      where: `${path}: ${where}`,
      message: `the variable ${name} is not set in this job`,
      remedy: `Set ${name} as a CI variable, or write $$ for a dollar sign.`,
    });
  }
  return expanded;
}

/** The services that are wanted, with their names. `own`: the app is a review app, whose services are its own. */
export function settleServices(
  entries: readonly ServiceEntry[],
  { app, own }: { readonly app: string; readonly own: boolean },
  settling: Settling,
): WantedService[] {
  const full = entries.map((entry) => (typeof entry === 'string' ? { type: entry } : entry));
  const types = full.map(({ type }) => type);
  const services = full.map((entry: Exclude<ServiceEntry, string>, index) => {
    const suffix = suffixOf(entry.type, index, types);
    const name = nameOf(entry, { app, own, suffix }, settling);
    const service: WantedService = {
      plugin: entry.type,
      name,
      ...(entry.image === undefined ? {} : { image: entry.image }),
      ...(entry.version === undefined ? {} : { version: String(entry.version) }),
      ...(entry.as === undefined ? {} : { as: entry.as }),
      env: serviceEnv(entry.env ?? {}, name, settling),
    };
    checkName(service, settling);
    return service;
  });
  checkTwins(services, settling);
  return services;
}

const databases = new Set(['mysql', 'mariadb', 'postgres', 'mongo']);

/** The default end of a service's name: `database` for the only database, else the plugin's word, numbered. */
function suffixOf(type: string, index: number, types: readonly string[]): string {
  if (databases.has(type) && types.filter((one) => databases.has(one)).length === 1) return 'database';
  const earlier = types.slice(0, index).filter((one) => one === type).length;
  return earlier === 0 ? type : `${type}-${earlier + 1}`;
}

function nameOf(
  entry: Exclude<ServiceEntry, string>,
  { app, own, suffix }: { readonly app: string; readonly own: boolean; readonly suffix: string },
  settling: Settling,
): string {
  if (entry.name === undefined) return serviceName(app, suffix, entry.type);
  const name = settle(entry.name, 'services.name', { ...settling, env: { ...settling.env, APP: app } });
  // A review app's services are its own: a fixed name would be shared by all branches.
  return own && name === entry.name ? serviceName(app, name, entry.type) : serviceName(name, '', entry.type);
}

function serviceEnv(env: Env, name: string, settling: Settling): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([key, raw]) => {
      const secret = `service.${name}.${key}`;
      const entry = { key, raw, where: `services.env.${key}`, secret, problemOf: serviceValueProblem };
      settleSecret(entry, settling);
      return [key, secret];
    }),
  );
}

function checkName({ plugin, name }: WantedService, settling: Settling): void {
  if (/^[a-z]+$/.test(plugin) && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) return;
  settling.problems.push({
    where: `${settling.path}: services`,
    message: `${plugin}:${name} cannot be the name of a service`,
    remedy: 'The type is a plugin’s word (mysql); the name has letters, digits, dashes and underscores.',
  });
}

function checkTwins(services: readonly WantedService[], { path, problems }: Settling): void {
  const labels = services.map(({ plugin, name }) => `${plugin}:${name}`);
  for (const label of new Set(labels.filter((one, index) => labels.indexOf(one) < index))) {
    problems.push({
      where: `${path}: services`,
      message: `${label} is there more than once`,
      remedy: 'Give each its own name (name: …), or leave one out.',
    });
  }
}

/** A text of the file with the job's variables in it; a missing one is a problem that names it. */
export function settle(text: string, where: string, settling: Settling): string {
  return expandHere(text, where, settling).value;
}
