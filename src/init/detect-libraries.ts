import { isRecord } from '../context/json-document.ts';
import type { RepositoryFiles } from './repository-files.ts';

/** A plugin, and the library or setting that shows that a project uses it: `pg in Gemfile`. */
export interface DetectedLibrary {
  readonly type: string;
  readonly version: undefined;
  readonly reason: string;
}

/** Returns what the libraries and settings of a project need. */
export function detectLibraries(files: RepositoryFiles): DetectedLibrary[] {
  return Object.entries(libraries).flatMap(([path, types]) => {
    const names = listDependencies(path, files);
    return Object.entries(types).flatMap(([type, known]) => {
      const name = known.find((one) => names.has(one.toLowerCase()));
      return name === undefined ? [] : [{ type, version: undefined, reason: `${name} in ${path}` }];
    });
  });
}

const python = {
  postgres: ['psycopg', 'psycopg2', 'psycopg2-binary', 'asyncpg'],
  mysql: ['mysqlclient', 'PyMySQL'],
  redis: ['redis', 'django-redis', 'celery[redis]', 'rq'],
  mongo: ['pymongo'],
};

const java = {
  postgres: ['postgresql'],
  mysql: ['mysql-connector-j', 'mysql-connector-java'],
  mariadb: ['mariadb-java-client'],
  redis: ['spring-boot-starter-data-redis', 'jedis', 'lettuce-core'],
  mongo: ['spring-boot-starter-data-mongodb', 'mongodb-driver-sync'],
  rabbitmq: ['spring-boot-starter-amqp'],
};

/** The names of libraries in the files that list a project's dependencies, by plugin; `KEY=value` in the files with settings. */
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
  'prisma/schema.prisma': { postgres: ['postgresql'], mysql: ['mysql'], mongo: ['mongodb'] },
  'requirements.txt': python,
  'pyproject.toml': python,
  'composer.json': {
    postgres: ['ext-pdo_pgsql', 'ext-pgsql'],
    mysql: ['ext-pdo_mysql', 'ext-mysqli'],
    redis: ['predis/predis', 'ext-redis', 'laravel/horizon'],
    mongo: ['mongodb/mongodb', 'mongodb/laravel-mongodb'],
  },
  '.env.example': {
    postgres: ['DB_CONNECTION=pgsql'],
    mysql: ['DB_CONNECTION=mysql'],
    mariadb: ['DB_CONNECTION=mariadb'],
    redis: ['QUEUE_CONNECTION=redis', 'CACHE_STORE=redis', 'CACHE_DRIVER=redis', 'SESSION_DRIVER=redis'],
  },
  'mix.exs': { postgres: ['postgrex'], mysql: ['myxql'], redis: ['redix', 'exq'], mongo: ['mongodb_driver'] },
  'go.mod': {
    postgres: ['github.com/jackc/pgx', 'github.com/lib/pq', 'gorm.io/driver/postgres'],
    mysql: ['github.com/go-sql-driver/mysql', 'gorm.io/driver/mysql'],
    redis: ['github.com/redis/go-redis', 'github.com/go-redis/redis', 'github.com/gomodule/redigo'],
    mongo: ['go.mongodb.org/mongo-driver'],
    rabbitmq: ['github.com/rabbitmq/amqp091-go'],
  },
  'pom.xml': java,
  'build.gradle': java,
  'build.gradle.kts': java,
};

/** Returns the names that a file lists, in lower case; none if there is no such file. */
export function listDependencies(path: string, files: RepositoryFiles): ReadonlySet<string> {
  const text = files.get(path) ?? '';
  const names = path.endsWith('.json') ? listJsonKeys(path, text) : listMatches(patterns[path], text);
  return new Set(names.map((name) => name.toLowerCase()));
}

/** Parses JSON; undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Development needs no service on the host. */
function listJsonKeys(path: string, text: string): string[] {
  const value = parseJson(text);
  const key = path === 'composer.json' ? 'require' : 'dependencies';
  const found = isRecord(value) ? new Map(Object.entries(value)).get(key) : undefined;
  return isRecord(found) ? Object.keys(found) : [];
}

const gradle = /['"][\w.-]+:([\w.-]+)(?::[^'"]*)?['"]/g;

/** Finds each name, in the first group; an extra of Python (`celery[redis]`) is in the second one. */
const patterns: Readonly<Record<string, RegExp>> = {
  Gemfile: /^\s*gem\s+['"]([^'"]+)['"]/gm,
  'prisma/schema.prisma': /^\s*provider\s*=\s*"(\w+)"/gm,
  'requirements.txt': /^([A-Za-z0-9_.-]+)(\[[\w,-]+\])?/gm,
  'pyproject.toml': /^\s*"?([A-Za-z0-9_.-]+)(\[[\w,-]+\])?\s*(?:[=<>~!;,"]|$)/gm,
  '.env.example': /^(\w+=\w+)\s*$/gm,
  'mix.exs': /\{:(\w+)\s*,/g,
  'go.mod': /^\s*(?:require\s+)?([\w./-]+?)(?:\/v\d+)?\s+v\d/gm,
  'pom.xml': /<artifactId>\s*([^<\s]+)\s*</g,
  'build.gradle': gradle,
  'build.gradle.kts': gradle,
};

function listMatches(pattern: RegExp | undefined, text: string): string[] {
  if (pattern === undefined) return [];
  return [...text.matchAll(pattern)].flatMap(([, name = '', extra]) =>
    extra === undefined ? [name] : [name, `${name}${extra}`],
  );
}
