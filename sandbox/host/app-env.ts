import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.ts';
import { formatEnv, parseEnv } from './envfile.ts';
import { isDeployed } from './is-deployed.ts';
import type { Reach } from './stages.ts';
import type { App, SandboxHost } from './state.ts';

/** Adds values to an app's configuration, and prints them. */
export async function setEnv(call: Call, app: App, values: ReadonlyMap<string, string>): Promise<void> {
  const change = (env: Map<string, string>): void => {
    for (const [key, value] of values) env.set(key, value);
  };
  await changeEnv(app, change, call.reach);
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

/** The time between reading and writing the file, in milliseconds. As on a real host, two writes at once lose one update. */
const writeDelay = 30;

/**
 * Reads an app's configuration, changes it and writes it back, without a lock against other writers. Dokku truncates the
 * file first, so a write that fails leaves nothing (its `godotenv.Write`).
 */
export async function changeEnv(
  app: App,
  change: (env: Map<string, string>) => void,
  reach: Reach = () => {},
): Promise<void> {
  const env = parseEnv(app.envFile);
  await sleep(writeDelay);
  change(env);
  app.envFile = '';
  reach('env-file');
  app.envFile = formatEnv(env);
}

/** Restarts an app after its configuration has changed and returns the exit code. An app that is not deployed is left alone. */
export function restartWithEnv(call: Call, host: SandboxHost, app: App): number | Promise<number> {
  if (!isDeployed(app)) return 0;
  if (!call.quiet) call.out(`-----> Restarting app ${app.name}\n`);
  return host.deploy(app, { out: call.out, source: 'config-redeploy', from: 'release' });
}
