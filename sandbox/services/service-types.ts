/** How one of Dokku's service plugins differs from the others. */
export interface ServiceType {
  /** The plugin's name, which is the prefix of its commands. */
  readonly plugin: string;
  /** The name in its messages. */
  readonly title: string;
  /** The ports of its server; the first one is in the URL. */
  readonly ports: readonly number[];
  readonly scheme: string;
  /** The variable that the first link sets, without `_URL`. */
  readonly alias: string;
  /** The user in the URL; undefined if that is the service's name. */
  readonly user: string | undefined;
  readonly image: string;
  readonly version: string;
  /** Whether the URL ends with the database's name. */
  readonly hasDatabase: boolean;
  /** The length of a generated password in bytes, before hex encoding. */
  readonly passwordBytes: number;
  readonly hasRootPassword: boolean;
  /** The config folder, relative to the service's folder. */
  readonly configFolder: string;
}

// From `config`, `functions` and `Dockerfile` in each plugin's repository, at the recorded version. mariadb and mongo
// were not recorded; theirs are from the newest version.
const mysql: ServiceType = {
  plugin: 'mysql',
  title: 'MySQL',
  ports: [3306],
  scheme: 'mysql',
  alias: 'DATABASE',
  user: 'mysql',
  image: 'mysql',
  version: '9.7.0',
  hasDatabase: true,
  passwordBytes: 8,
  hasRootPassword: true,
  configFolder: 'config',
};

const mariadb: ServiceType = {
  ...mysql,
  plugin: 'mariadb',
  title: 'MariaDB',
  user: 'mariadb',
  image: 'mariadb',
  version: '12.2.2',
};

const postgres: ServiceType = {
  plugin: 'postgres',
  title: 'Postgres',
  ports: [5432],
  scheme: 'postgres',
  alias: 'DATABASE',
  user: 'postgres',
  image: 'postgres',
  version: '18.4',
  hasDatabase: true,
  passwordBytes: 16,
  hasRootPassword: false,
  configFolder: 'data',
};

const redis: ServiceType = {
  plugin: 'redis',
  title: 'Redis',
  ports: [6379],
  scheme: 'redis',
  alias: 'REDIS',
  user: '',
  image: 'redis',
  version: '8.8.0',
  hasDatabase: false,
  passwordBytes: 32,
  hasRootPassword: false,
  configFolder: 'config',
};

const mongo: ServiceType = {
  plugin: 'mongo',
  title: 'MongoDB',
  ports: [27017, 27018, 27019, 28017],
  scheme: 'mongodb',
  alias: 'MONGO',
  user: undefined,
  image: 'mongo',
  version: '8.2.9',
  hasDatabase: true,
  passwordBytes: 16,
  hasRootPassword: true,
  configFolder: 'config',
};

/** The service plugins that the sandbox supports. */
export const serviceTypes: readonly ServiceType[] = [mysql, mariadb, postgres, redis, mongo];

/** The plugins that a sandbox has by default: those of the recorded host. */
export const defaultServices: readonly string[] = ['mysql', 'postgres', 'redis'];

/** The maximum length of a container's host name. A longer one leaves an incomplete service. */
export const maxHostNameLength = 64;

/** The maximum length of a file name. A longer one leaves nothing. */
export const maxFolderNameLength = 255;
