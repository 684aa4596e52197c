import { checkConfigKey } from '../context/config-keys.ts';
import { checkValue } from '../context/values.ts';
import { readServiceUrl } from '../dokku/services.ts';
import { isInternalKey } from './keys.ts';

/** What a review app gets of another app's configuration. */
export interface CopiedEnv {
  readonly values: ReadonlyMap<string, string>;
  /** Keys that are not copied because they may lead to the other app's data, or can't be. */
  readonly leftOut: readonly string[];
  /** The plugins of the services that the other app is linked to, by the key that holds the URL. */
  readonly services: ReadonlyMap<string, string>;
}

/**
 * Selects what a review app gets of another app's configuration: all but what leads to its data. `assigned` are the keys that
 * the review app has from elsewhere.
 */
export function selectCopiedEnv(
  config: ReadonlyMap<string, string>,
  assigned: ReadonlySet<string>,
): CopiedEnv {
  const wanted = [...config].filter(([key]) => !isDokkus(key) && !assigned.has(key));
  const services = [...config].flatMap(([key, value]): [string, string][] => {
    const service = isDokkus(key) ? undefined : readServiceUrl(value);
    return service === undefined ? [] : [[key, service.plugin]];
  });
  const isCopied = ([key, value]: readonly [string, string]): boolean =>
    !leadsToData(key, value) && isValid(key, value);
  return {
    values: new Map(wanted.filter(isCopied)),
    leftOut: wanted.filter((entry) => !isCopied(entry)).map(([key]) => key),
    services: new Map(services),
  };
}

/** Whether Dokku or this tool writes the key itself. */
function isDokkus(key: string): boolean {
  return isInternalKey(key) || /^DOKKU_/.test(key) || key === 'GIT_REV' || key === 'NO_VHOST';
}

const dataUrl =
  /\b(postgres(ql)?|postgis|mysql2?|mariadb|mongodb(\+srv)?|rediss?|valkeys?|amqps?|memcached?|nats|kafka|clickhouse|couchdb|sqlserver|mssql|oracle|jdbc:\w+)(\+\w+)?:\/\//i;
const dataName =
  /(^|_)(DATABASE|DB|POSTGRES(QL)?|MYSQL|MARIADB|MONGO(DB)?|REDIS|VALKEY|AMQP|RABBITMQ|MEMCACHED?|ELASTICSEARCH|CLICKHOUSE|KAFKA|NATS|COUCHDB)(_|$)|^PG[A-Z]+$/i;

/** Whether a value leads to a database, a queue or another store. A number or a switch, such as DB_POOL=5, does not. */
function leadsToData(key: string, value: string): boolean {
  return dataUrl.test(value) || (dataName.test(key) && !/^(\d{1,5}|true|false)$/i.test(value));
}

function isValid(key: string, value: string): boolean {
  return checkConfigKey(key) === undefined && checkValue(value) === undefined;
}
