import { isRecord } from '../context/json-document.ts';
import { readYaml } from '../context/yaml-document.ts';
import { detectLibraries } from './detect-libraries.ts';
import type { RepositoryFiles } from './repository-files.ts';

/** A service that a project seems to need. */
export interface DetectedService {
  /** The plugin. */
  readonly type: string;
  /** The version that the project names. */
  readonly version: string | undefined;
  /** Where it was seen: `mysql2 in Gemfile`. */
  readonly reason: string;
}

/** Returns the services that a project seems to need: a compose file names versions, and the libraries of the project what it uses. */
export function detectServices(files: RepositoryFiles): DetectedService[] {
  const found = [...detectComposeServices(files), ...detectLibraries(files)];
  const unique = new Map<string, DetectedService>();
  for (const service of found) if (!unique.has(service.type)) unique.set(service.type, service);
  // MariaDB and MySQL have the same libraries.
  if (unique.has('mariadb')) unique.delete('mysql');
  return [...unique.values()];
}

const composeFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

const images: readonly (readonly [RegExp, string])[] = [
  [/^(postgres|postgis\/postgis|pgvector\/pgvector)$/, 'postgres'],
  [/^mysql(\/mysql-server)?$/, 'mysql'],
  [/^mariadb$/, 'mariadb'],
  [/^(redis|valkey\/valkey|redis\/redis-stack(-server)?)$/, 'redis'],
  [/^mongo$/, 'mongo'],
  [/^memcached$/, 'memcached'],
  [/^rabbitmq$/, 'rabbitmq'],
  [/elasticsearch$/, 'elasticsearch'],
];

function detectComposeServices(files: RepositoryFiles): DetectedService[] {
  const path = composeFiles.find((name) => files.has(name));
  if (path === undefined) return [];
  const read = readYaml({ path, text: files.get(path) ?? '' });
  const value = 'value' in read && isRecord(read.value) ? read.value.services : undefined;
  return Object.values(isRecord(value) ? value : {}).flatMap((service) => {
    const image = isRecord(service) && typeof service.image === 'string' ? service.image : '';
    const [, name = '', tag = ''] = /^(?:docker\.io\/)?(?:library\/)?([^:@]+)(?::([^@]+))?/.exec(image) ?? [];
    const type = images.find(([pattern]) => pattern.test(name))?.[1];
    // Only the official image has the plugin's own tags, and a variant (-alpine) is of no use to it.
    const version = name === type ? /^\d+(\.\d+)*/.exec(tag)?.[0] : undefined;
    return type === undefined ? [] : [{ type, version, reason: `${image} in ${path}` }];
  });
}
