import { isRecord } from '../context/json-document.ts';
import { readYaml } from '../context/yaml-document.ts';
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

/** What a repository's files say about the project. */
export interface ProjectFacts {
  /** For people: `Rails`, `Node`, `Dockerfile` … */
  readonly kind: string;
  readonly services: readonly DetectedService[];
  /** The configuration that an app of this kind needs, by key. */
  readonly env: Readonly<Record<string, string>>;
  /** The variables that these values refer to. */
  readonly variables: readonly string[];
  readonly hasPipeline: boolean;
  readonly hasConfiguration: boolean;
  /** Remarks for the user, one sentence each. */
  readonly remarks: readonly string[];
}

/** Guesses what a project is and needs. */
export function detectProject(files: RepositoryFiles): ProjectFacts {
  const kind = detectKind(files);
  const services = hasAddons(files) ? [] : detectServices(files);
  const isRails = kind === 'Rails';
  const key =
    isRails && files.has('config/credentials.yml.enc') ? { RAILS_MASTER_KEY: '$RAILS_MASTER_KEY' } : {};
  // Rails finds its adapter by the scheme of the URL.
  const scheme =
    isRails && services.some(({ type }) => type === 'mysql') ? { MYSQL_DATABASE_SCHEME: 'mysql2' } : {};
  return {
    kind,
    services,
    env: { ...scheme, ...key },
    variables: Object.keys(key),
    hasPipeline: files.has('.gitlab-ci.yml'),
    hasConfiguration: files.has('.dokku-deploy.yml'),
    remarks: listRemarks(files, { isRails, services }),
  };
}

function detectKind(files: RepositoryFiles): string {
  const gemfile = files.get('Gemfile');
  if (gemfile !== undefined) return /^\s*gem\s+['"]rails['"]/m.test(gemfile) ? 'Rails' : 'Ruby';
  const found = kinds.find(([path]) => files.has(path));
  return found?.[1] ?? 'unknown';
}

const kinds: readonly (readonly [string, string])[] = [
  ['package.json', 'Node'],
  ['requirements.txt', 'Python'],
  ['pyproject.toml', 'Python'],
  ['composer.json', 'PHP'],
  ['go.mod', 'Go'],
  ['Dockerfile', 'Dockerfile'],
  ['index.html', 'static site'],
  ['www/index.html', 'static site'],
  ['public/index.html', 'static site'],
];

function hasAddons(files: RepositoryFiles): boolean {
  const text = files.get('app.json');
  if (text === undefined) return false;
  const value = parseJson(text);
  return isRecord(value) && Array.isArray(value.addons) && value.addons.length > 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A compose file names versions; the libraries of a project say what it uses. */
function detectServices(files: RepositoryFiles): DetectedService[] {
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

/** The names of libraries in the files that list a project's dependencies. */
const libraries: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Gemfile: {
    postgres: ['pg'],
    mysql: ['mysql2', 'trilogy'],
    redis: ['redis', 'sidekiq', 'resque', 'redis-rails'],
    mongo: ['mongoid', 'mongo'],
    memcached: ['dalli'],
  },
  'package.json': {
    postgres: ['pg', 'postgres', 'pg-promise'],
    mysql: ['mysql', 'mysql2'],
    redis: ['redis', 'ioredis', 'bullmq', 'bull'],
    mongo: ['mongodb', 'mongoose'],
    rabbitmq: ['amqplib'],
  },
  'requirements.txt': {
    postgres: ['psycopg', 'psycopg2', 'psycopg2-binary', 'asyncpg'],
    mysql: ['mysqlclient', 'PyMySQL'],
    redis: ['redis', 'celery\\[redis\\]', 'rq'],
    mongo: ['pymongo'],
  },
};

function detectLibraries(files: RepositoryFiles): DetectedService[] {
  return Object.entries(libraries).flatMap(([path, types]) => {
    const names = listDependencies(path, files.get(path) ?? '');
    return Object.entries(types).flatMap(([type, known]) => {
      const name = known.find((one) => names.has(one.toLowerCase()));
      return name === undefined ? [] : [{ type, version: undefined, reason: `${name} in ${path}` }];
    });
  });
}

function listDependencies(path: string, text: string): ReadonlySet<string> {
  if (path === 'package.json') {
    const value = parseJson(text);
    const { dependencies } = isRecord(value) ? value : {};
    return new Set(Object.keys(isRecord(dependencies) ? dependencies : {}));
  }
  const pattern = path === 'Gemfile' ? /^\s*gem\s+['"]([^'"]+)['"]/gm : /^([A-Za-z0-9_.[\]-]+)/gm;
  return new Set([...text.matchAll(pattern)].map(([, name = '']) => name.toLowerCase()));
}

function listRemarks(
  files: RepositoryFiles,
  { isRails, services }: { readonly isRails: boolean; readonly services: readonly DetectedService[] },
): string[] {
  const appJson = files.get('app.json') ?? '';
  const migrates = isRails && services.length > 0 && !/migrate/.test(appJson + (files.get('Procfile') ?? ''));
  return [
    ...(migrates
      ? [
          'Nothing runs the migrations: add {"scripts": {"dokku": {"predeploy": "bin/rails db:migrate"}}} to app.json, which runs them before each release.',
        ]
      : []),
    ...(/healthchecks/.test(appJson)
      ? []
      : [
          'app.json has no healthchecks: with one that asks for a page, Dokku replaces the running version only when the new one answers.',
        ]),
    ...(hasAddons(files)
      ? ['The services come from addons in app.json, so .dokku-deploy.yml needs none.']
      : []),
  ];
}
