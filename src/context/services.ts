import { checkConfigKey } from './config-keys.ts';
import type { ServiceSpec } from './context.ts';
import { deriveServiceName } from './name-rules.ts';
import { type Env, type Resolver, resolveSecret, resolveText } from './resolver.ts';
import type { ServiceEntry } from './schema.ts';
import { resolveServiceOptions } from './service-options.ts';
import { checkKey, checkServiceValue } from './values.ts';

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
      ...(entry.name === undefined ? { suffix } : {}),
      ...(entry.image === undefined ? {} : { image: entry.image }),
      ...(entry.version === undefined ? {} : { version: String(entry.version) }),
      ...(entry.as === undefined ? {} : { as: resolveAlias(entry.as, resolver) }),
      env: resolveServiceEnv(entry.env ?? {}, name, resolver),
      ...(entry.options === undefined
        ? {}
        : { options: resolveServiceOptions(entry.options, { plugin: entry.type, name }, resolver) }),
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

/** The plugins write the variable in capitals, and append `_URL` unless it is there. */
function resolveAlias(as: string, { path, problems }: Resolver): string {
  const alias = as.toUpperCase().replace(/_URL$/, '');
  const wrong = checkConfigKey(`${alias}_URL`);
  if (wrong) problems.push({ where: `${path}: services.as`, ...wrong });
  return alias;
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
