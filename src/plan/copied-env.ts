import { checkConfigKey } from '../context/config-keys.ts';
import { checkValue } from '../context/values.ts';
import { findServiceHost, readServiceUrl } from '../dokku/services.ts';
import { findUrlPasswords, isSetting } from '../secret.ts';
import { inheritableKey, isInternalKey } from './keys.ts';

/** What a review app gets of another app's configuration. */
export interface CopiedEnv {
  readonly values: ReadonlyMap<string, string>;
  /** Keys that are not copied because they lead to the other app's data, or because Dokku could not store them. */
  readonly leftOut: readonly string[];
  /** Keys that are not copied because they may be secret, and the operator of the other app does not allow it. */
  readonly secrets: readonly string[];
  /** The plugins of the services that the other app is linked to, by the key that holds the URL. */
  readonly services: ReadonlyMap<string, string>;
}

/**
 * Selects what a review app gets of another app's configuration: its ordinary settings, and what its operator allows as for
 * `inherit`; nothing that leads to its data. `assigned` are the keys that the review app has from elsewhere.
 */
export function selectCopiedEnv(
  config: ReadonlyMap<string, string>,
  assigned: ReadonlySet<string>,
): CopiedEnv {
  const own = [...config].filter(([key]) => !isDokkus(key));
  const wanted = own.filter(([key]) => !assigned.has(key));
  const judged = wanted.map(([key, value]) => ({ key, value, verdict: judge(key, value, config) }));
  const keysOf = (verdict: Verdict) => judged.flatMap((one) => (one.verdict === verdict ? [one.key] : []));
  return {
    values: new Map(
      judged.flatMap(({ key, value, verdict }) => (verdict === 'copied' ? [[key, value]] : [])),
    ),
    leftOut: keysOf('left out'),
    secrets: keysOf('secret'),
    services: new Map(own.flatMap(([key, value]) => describeService(key, value))),
  };
}

/** Whether Dokku or this tool writes the key itself. */
function isDokkus(key: string): boolean {
  return isInternalKey(key) || /^DOKKU_/.test(key) || key === 'GIT_REV' || key === 'NO_VHOST';
}

type Verdict = 'copied' | 'left out' | 'secret';

function judge(key: string, value: string, config: ReadonlyMap<string, string>): Verdict {
  if (checkConfigKey(key) !== undefined || checkValue(value) !== undefined) return 'left out';
  if (leadsToService(value, config)) return 'left out';
  const allowed = (config.get(inheritableKey) ?? '').split(/[\s,]+/);
  if (allowed.includes(key)) return 'copied';
  if (leadsToData(key, value)) return 'left out';
  return isSetting([key], value) ? 'copied' : 'secret';
}

function leadsToService(value: string, config: ReadonlyMap<string, string>): boolean {
  if (findServiceHost(value) !== undefined) return true;
  const passwords = [...config.values()].filter((one) => readServiceUrl(one)).flatMap(findUrlPasswords);
  return passwords.some((password) => password !== '' && value.includes(password));
}

const dataUrl =
  /\b(postgres(ql)?|postgis|mysql2?|mariadb|mongodb(\+srv)?|rediss?|valkeys?|amqps?|memcached?|nats|kafka|clickhouse|couchdb|sqlserver|mssql|oracle|jdbc:\w+)(\+\w+)?:\/\//i;
const dataName =
  /(^|_)(DATABASE|DB|POSTGRES(QL)?|MYSQL|MARIADB|MONGO(DB)?|REDIS|VALKEY|AMQP|RABBITMQ|MEMCACHED?|ELASTICSEARCH|CLICKHOUSE|KAFKA|NATS|COUCHDB)(_|$)|^PG[A-Z]+$/i;

/** Whether a value leads to a database, a queue or another store. A number or a switch, such as DB_POOL=5, does not. */
function leadsToData(key: string, value: string): boolean {
  return dataUrl.test(value) || (dataName.test(key) && !/^(\d{1,5}|true|false)$/i.test(value));
}

function describeService(key: string, value: string): [string, string][] {
  const service = readServiceUrl(value);
  return service === undefined ? [] : [[key, service.plugin]];
}
