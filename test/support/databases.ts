import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database, DatabaseSpec, DatabaseStarter } from '../../sandbox/databases/database.ts';

/** Databases of a test, in a folder of their own; disposing it stops them and removes it. */
export interface TestDatabases extends AsyncDisposable {
  readonly wanted: (plugin: string, user: string) => DatabaseSpec;
  readonly start: (starter: DatabaseStarter, spec: DatabaseSpec) => Promise<Database>;
}

/** Creates the folder. `start` fails if the machine has no program for the database. */
export const testDatabases = async (): Promise<TestDatabases> => {
  const folder = await mkdtemp(join(tmpdir(), 'databases-'));
  const running = new Set<Database>();
  return {
    wanted: (plugin, user) => ({
      plugin,
      name: 'shop-db',
      user,
      password: "it's \\ 1",
      rootPassword: 'root',
      database: 'shop_db',
      folder,
    }),
    start: async (starter, spec) => {
      const database = await starter(spec);
      if (!database) {
        const packages = 'postgresql mariadb-server redis-server';
        throw new Error(`no program for ${spec.plugin}: apt-get install ${packages}`);
      }
      running.add(database);
      const stop = async (): Promise<void> => {
        running.delete(database);
        await database.stop();
      };
      return { ...database, stop };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running].map((database) => database.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
