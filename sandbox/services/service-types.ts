/** What distinguishes one of Dokku's service plugins from another. */
export interface ServiceType {
  /** The prefix of its commands. */
  readonly plugin: string;
  /** As its messages call it. */
  readonly title: string;
  /** The ports of its program; the first is the one in a URL. */
  readonly ports: readonly number[];
  readonly scheme: string;
  /** The variable that a first link sets, without `_URL`. */
  readonly alias: string;
  /** The user in a URL; undefined where it is the service's own name. */
  readonly user: string | undefined;
  readonly image: string;
  readonly version: string;
  /** Whether a URL ends with the database's name. */
  readonly hasDatabase: boolean;
  /** Length of a generated password, in bytes before hex. */
  readonly passwordBytes: number;
  readonly hasRootPassword: boolean;
  /** The folder, below the service's own, that `info` calls its config dir. */
  readonly configFolder: string;
}

// From `config`, `functions` and `Dockerfile` of each plugin's repository at the version that was recorded; mariadb and
// mongo, which were not, from their newest.
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

/** The service plugins that a sandbox can have. */
export const serviceTypes: readonly ServiceType[] = [mysql, mariadb, postgres, redis, mongo];

/** Those that it has unless told otherwise: the ones of the recorded host. */
export const defaultServices: readonly string[] = ['mysql', 'postgres', 'redis'];

/** A container's host name ends at 64 characters: a longer one leaves the service half made. */
export const maxHostNameLength = 64;

/** A file name ends at 255 bytes: a longer one leaves nothing. */
export const maxFolderNameLength = 255;
