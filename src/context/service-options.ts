import type { Value } from '../dokku/command.ts';
import { Secret } from '../secret.ts';
import { type Resolver, resolveText } from './resolver.ts';
import { parseMegabytes, type ServiceOptionsEntry } from './service-schema.ts';

/** Returns the flags of the `create` command with their values. Passwords are in the vault as `service.NAME.password`. */
export function resolveServiceOptions(
  { memory, shm_size: sharedMemory, ...options }: ServiceOptionsEntry,
  { plugin, name }: { readonly plugin: string; readonly name: string },
  resolver: Resolver,
): Record<string, Value> {
  if (options.root_password !== undefined && !rootPasswordPlugins.has(plugin)) {
    resolver.problems.push({
      where: `${resolver.path}: services.options.root_password`,
      message: `a ${plugin} service has no password for root`,
      remedy: 'Remove it. Plugins with one: mysql, mariadb, mongo.',
    });
  }
  const flags: readonly (readonly [string, Value | undefined])[] = [
    // The plugins append the unit.
    ['memory', memory === undefined ? undefined : String(parseMegabytes(String(memory)))],
    ['shm-size', sharedMemory],
    ['password', resolvePassword('password', options.password, name, resolver)],
    ['root-password', resolvePassword('root_password', options.root_password, name, resolver)],
    ['initial-network', options.initial_network],
    ['post-create-network', options.post_create_network],
    ['post-start-network', options.post_start_network],
  ];
  return Object.fromEntries(flags.filter((flag): flag is readonly [string, Value] => flag[1] !== undefined));
}

const rootPasswordPlugins = new Set(['mysql', 'mariadb', 'mongo']);

/** The plugins write the password into the URL as it is. */
function resolvePassword(
  key: 'password' | 'root_password',
  raw: string | undefined,
  name: string,
  resolver: Resolver,
): Value | undefined {
  if (raw === undefined) return undefined;
  const where = `services.options.${key}`;
  const known = resolver.problems.length;
  const value = resolveText(raw, where, resolver);
  if (resolver.problems.length === known && !/^[A-Za-z0-9][\w.~-]{7,}$/.test(value)) {
    resolver.problems.push({
      where: `${resolver.path}: ${where}`,
      message: 'it must have at least 8 characters, and only those that a URL can contain as they are',
      remedy: 'Use letters, digits, dashes, dots and underscores, or leave it to the plugin.',
    });
  }
  const secret = `service.${name}.${key}`;
  resolver.vault.set(secret, new Secret(secret, value));
  return { secret };
}
