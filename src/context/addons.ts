import { isRecord } from './json-document.ts';
import type { ServiceEntry } from './schema.ts';
import { checkKey } from './values.ts';

/** The add-ons of app.json as services, and those that are not services. */
export interface Addons {
  readonly services: readonly ServiceEntry[];
  /** The names of add-ons that no service plugin provides. */
  readonly leftOut: readonly string[];
}

/** Reads `addons` of app.json: Heroku's names, Dokku's own, or an object with a `plan`. */
export function readAddons(addons: unknown): Addons {
  const services: ServiceEntry[] = [];
  const leftOut: string[] = [];
  for (const addon of Array.isArray(addons) ? addons : []) {
    const { plan, as, options }: Readonly<Record<string, unknown>> = isRecord(addon)
      ? addon
      : { plan: addon };
    const plugin = typeof plan === 'string' ? resolvePlugin(plan) : undefined;
    if (plugin === undefined) leftOut.push(describeAddon(plan));
    else services.push(toServiceEntry(plugin, readAlias(as), readVersion(options)));
  }
  return { services, leftOut };
}

// The official service plugins: https://dokku.com/docs/community/plugins/
export const plugins: ReadonlySet<string> = new Set([
  'clickhouse',
  'couchdb',
  'elasticsearch',
  'graphite',
  'mariadb',
  'meilisearch',
  'memcached',
  'mongo',
  'mysql',
  'nats',
  'omnisci',
  'postgres',
  'pushpin',
  'rabbitmq',
  'redis',
  'rethinkdb',
  'solr',
  'typesense',
]);

// Heroku's add-ons that one of these plugins replaces, where the name differs.
const replacements = new Map([
  ['postgresql', 'postgres'],
  ['jawsdb', 'mysql'],
  ['jawsdb-maria', 'mariadb'],
  ['cleardb', 'mysql'],
  ['mongolab', 'mongo'],
  ['mongohq', 'mongo'],
  ['rediscloud', 'redis'],
  ['redistogo', 'redis'],
  ['openredis', 'redis'],
  ['memcachier', 'memcached'],
  ['memcachedcloud', 'memcached'],
  ['cloudamqp', 'rabbitmq'],
  ['bonsai', 'elasticsearch'],
  ['foundelasticsearch', 'elasticsearch'],
]);

/** Returns the plugin for `heroku-postgresql:mini` (`postgres`) or `dokku-mysql` (`mysql`); undefined if there is none. */
function resolvePlugin(plan: string): string | undefined {
  const [, prefix, name = ''] = /^(dokku-|heroku-)?([a-z][a-z0-9-]*)(?::|$)/.exec(plan) ?? [];
  const plugin = replacements.get(name) ?? name;
  // A project that names a plugin of Dokku's by its full name has it on its host.
  const isNamed = prefix === 'dokku-' && /^[a-z]+$/.test(plugin);
  return plugins.has(plugin) || isNamed ? plugin : undefined;
}

function describeAddon(plan: unknown): string {
  return typeof plan === 'string'
    ? (plan.split(':')[0] ?? '').slice(0, 40)
    : JSON.stringify(plan ?? null).slice(0, 40);
}

// The aliases that the plugins use by default.
const defaultAliases = new Set(['DATABASE', 'REDIS', 'MONGO']);

function readAlias(as: unknown): string | undefined {
  return typeof as === 'string' && checkKey(as) === undefined && !defaultAliases.has(as) ? as : undefined;
}

function readVersion(options: unknown): string | undefined {
  const version = isRecord(options) ? options.version : undefined;
  return typeof version === 'string' || typeof version === 'number' ? String(version) : undefined;
}

function toServiceEntry(type: string, as: string | undefined, version: string | undefined): ServiceEntry {
  if (as === undefined && version === undefined) return type;
  return { type, ...(as === undefined ? {} : { as }), ...(version === undefined ? {} : { version }) };
}
