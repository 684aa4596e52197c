import { type Database, type DatabaseSpec, type DatabaseStarter, databaseFolder } from './database.ts';
import { embeddedPostgres } from './embedded.ts';
import { mariadb } from './mariadb.ts';
import { postgres } from './postgres.ts';
import { type ProgramResult, runProgram } from './process.ts';
import { redis } from './redis.ts';

const starters: Readonly<Record<string, readonly DatabaseStarter[]>> = {
  mysql: [mariadb],
  mariadb: [mariadb],
  postgres: [postgres, embeddedPostgres],
  redis: [redis],
};

/** Starts a program for a service. Resolves with undefined if this machine does not have one that works. */
export async function startDatabase(spec: DatabaseSpec): Promise<Database | undefined> {
  for (const start of starters[spec.plugin] ?? []) {
    const started = await start(spec);
    if (started) return started;
  }
  return undefined;
}

/** Runs a command in the folder of a service's data, with these variables and without the sandbox's environment. */
export function runInDataFolder(
  folder: string,
  service: Pick<DatabaseSpec, 'plugin' | 'name'>,
  [file = 'true', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return runProgram({ file, args, env, cwd: databaseFolder(folder, service) });
}
