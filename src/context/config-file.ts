import type { z } from 'zod';
import type { Problem } from '../problems.ts';
import { type Configuration, configurationSchema } from './schema.ts';
import { readYamlAs } from './yaml-schema.ts';

/**
 * Reads `.dokku-deploy.yml`. Returns the configuration, or every problem with its line and column, and the configuration that
 * the rest of the file makes: with it, what is wrong elsewhere can be found at the same time.
 */
export async function readConfigFile(file: {
  readonly path: string;
  readonly text: string;
}): Promise<{ readonly configuration: Configuration; readonly problems: readonly Problem[] }> {
  const read = readYamlAs(file, configurationSchema, 'See docs/configuration.md, or dokku-deploy schema.');
  if (!('problems' in read)) return { configuration: read.value, problems: [] };
  const { problems, unfit } = read;
  return { configuration: unfit ? parseRest(unfit.value, unfit.issues) : {}, problems };
}

/** Returns the configuration without the keys that have issues. */
function parseRest(value: unknown, issues: readonly z.core.$ZodIssue[]): Configuration {
  const rest = structuredClone(value);
  for (const issue of issues) {
    const keys =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of keys) removeKey(rest, path);
  }
  return configurationSchema.safeParse(rest).data ?? {};
}

/** Removes what is at a path. An entry of a list is removed with its list, and a missing key with the object that lacks it. */
function removeKey(root: unknown, path: readonly PropertyKey[]): void {
  const index = path.findIndex((key) => typeof key === 'number');
  const keys = index === -1 ? path : path.slice(0, index);
  let holder = root;
  for (const [depth, key] of keys.entries()) {
    const found = readKey(holder, key);
    const isLast = depth === keys.length - 1 || readKey(found, keys[depth + 1] ?? '') === undefined;
    if (isLast) return void dropKey(holder, key, keys);
    holder = found;
  }
}

/** An environment stays declared without its block. */
function dropKey(holder: unknown, key: PropertyKey, path: readonly PropertyKey[]): boolean {
  return path[0] === 'environments' && path.length === 2
    ? Reflect.set(Object(holder), key, {})
    : Reflect.deleteProperty(Object(holder), key);
}

function readKey(holder: unknown, key: PropertyKey): unknown {
  return new Map<PropertyKey, unknown>(Object.entries(Object(holder))).get(key);
}
