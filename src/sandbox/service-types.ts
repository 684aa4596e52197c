/** What distinguishes one of Dokku's service plugins from another. */
export interface ServiceType {
  readonly plugin: string;
  /** As its messages call it. */
  readonly title: string;
  readonly port: number;
  readonly scheme: string;
  /** The variable that a first link sets, without `_URL`. */
  readonly alias: string;
  readonly user: string;
  readonly image: string;
  readonly version: string;
  readonly hasDatabase: boolean;
}

const type = (plugin: string, rest: Omit<ServiceType, 'plugin'>): ServiceType => ({ plugin, ...rest });

/** The service plugins that the sandbox can have. */
export const serviceTypes: readonly ServiceType[] = [
  type('mysql', { title: 'MySQL', port: 3306, scheme: 'mysql', alias: 'DATABASE', user: 'mysql', image: 'mysql', version: '9.7.0', hasDatabase: true }),
  type('mariadb', { title: 'MariaDB', port: 3306, scheme: 'mysql', alias: 'DATABASE', user: 'mariadb', image: 'mariadb', version: '12.1.2', hasDatabase: true }),
  type('postgres', { title: 'Postgres', port: 5432, scheme: 'postgres', alias: 'DATABASE', user: 'postgres', image: 'postgres', version: '18.4', hasDatabase: true }),
  type('redis', { title: 'Redis', port: 6379, scheme: 'redis', alias: 'REDIS', user: '', image: 'redis', version: '8.8.0', hasDatabase: false }),
  type('mongo', { title: 'Mongo', port: 27017, scheme: 'mongodb', alias: 'MONGO', user: 'mongo', image: 'mongo', version: '8.2.3', hasDatabase: true }),
];

/** A container's host name ends at 64 characters: a longer one leaves the service half made. */
export const longestHostName = 64;
