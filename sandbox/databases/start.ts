import { type Database, databaseFolder, type Starter, type WantedDatabase } from './database.ts';
import { embeddedPostgres } from './embedded.ts';
import { mariadb } from './mariadb.ts';
import { postgres } from './postgres.ts';
import { type Spoken, speak } from './process.ts';
import { redis } from './redis.ts';

const starters: Readonly<Record<string, readonly Starter[]>> = {
  mysql: [mariadb],
  mariadb: [mariadb],
  postgres: [postgres, embeddedPostgres],
  redis: [redis],
};

/** Starts a program for a service where this machine has one that works; undefined where it has none. */
export async function startDatabase(wanted: WantedDatabase): Promise<Database | undefined> {
  for (const start of starters[wanted.plugin] ?? []) {
    const started = await start(wanted);
    if (started) return started;
  }
  return undefined;
}

/** Runs a command in the folder of a service's data, with nothing of the sandbox's environment. */
export function runInside(
  folder: string,
  service: Pick<WantedDatabase, 'plugin' | 'name'>,
  [file = 'true', ...args]: readonly string[],
): Promise<Spoken> {
  return speak({ file, args, cwd: databaseFolder(folder, service) });
}
