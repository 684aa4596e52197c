import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.ts';
import { readEnv, writeEnv } from './envfile.ts';
import type { App } from './state.ts';

/** How long a write takes between reading and writing the file: two at once lose one's update, as on a real host. */
const writeGap = 30;

/** Reads an app's configuration, changes it and writes it back, unprotected against another writer. */
export const changeEnv = async (app: App, change: (env: Map<string, string>) => void): Promise<void> => {
  const env = readEnv(app.envFile);
  await sleep(writeGap);
  change(env);
  app.envFile = writeEnv(env);
};

/** Says what was set, in a column as Dokku does; quiet says nothing. */
export const tellSet = (call: Call, values: ReadonlyMap<string, string>): void => {
  if (call.quiet) return;
  call.out('-----> Setting config vars\n');
  const width = Math.max(...[...values.keys()].map((key) => key.length)) + 3;
  for (const [key, value] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    call.out(`       ${`${key}:`.padEnd(width)}${value}\n`);
  }
};
