import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.ts';
import { formatEnv, parseEnv } from './envfile.ts';
import type { App, SandboxHost } from './state.ts';

/** Adds values to an app's configuration, and prints them. */
export async function setEnv(call: Call, app: App, values: ReadonlyMap<string, string>): Promise<void> {
  await changeEnv(app, (env) => {
    for (const [key, value] of values) env.set(key, value);
  });
  printValues(call, values);
}

/** Prints values in a column as Dokku does; `--quiet` hides them. */
function printValues(call: Call, values: ReadonlyMap<string, string>): void {
  if (call.quiet) return;
  call.out('-----> Setting config vars\n');
  const width = Math.max(...[...values.keys()].map((key) => key.length)) + 3;
  for (const [key, value] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    call.out(`       ${`${key}:`.padEnd(width)}${value}\n`);
  }
}

/** How long a write takes between reading and writing the file: two at once lose one's update, as on a real host. */
const writeDelay = 30;

/** Reads an app's configuration, changes it and writes it back, unprotected against another writer. */
export async function changeEnv(app: App, change: (env: Map<string, string>) => void): Promise<void> {
  const env = parseEnv(app.envFile);
  await sleep(writeDelay);
  change(env);
  app.envFile = formatEnv(env);
}

/** Restarts an app after its configuration was changed, and returns the exit code; one that is not deployed stays as it is. */
export function restartWithEnv(call: Call, host: SandboxHost, app: App): number | Promise<number> {
  if (!app.deployed) return 0;
  if (!call.quiet) call.out(`-----> Restarting app ${app.name}\n`);
  return host.deploy(app, { out: call.out, source: 'config-redeploy', from: 'release' });
}
