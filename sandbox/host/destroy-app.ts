import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Reach } from './stages.ts';
import type { App, SandboxState } from './state.ts';

export interface DestroyOptions {
  readonly state: SandboxState;
  /** The folder of the app's repository. */
  readonly folder: string;
  readonly reach: Reach;
  /** Called when the processes are stopped. */
  readonly onStopped: () => void;
  /** Called when everything but the folder is gone. */
  readonly onCleanup: () => void;
}

/**
 * Destroys an app in the order of Dokku's `destroyApp` and of its plugins' `post-delete` hooks, which run by name: what
 * is not reached is still there, without what came before it.
 */
export async function destroyApp(
  app: App,
  { state, folder, reach, onStopped, onCleanup }: DestroyOptions,
): Promise<void> {
  reach('stop');
  app.deployController?.abort('destroyed');
  const running = [...app.containers, ...app.leftovers.splice(0), ...app.tasks, ...app.runs.values()];
  app.containers = [];
  await Promise.all(running.map((container) => container.stop()));
  for (const files of app.files) await rm(files, { recursive: true, force: true });
  app.files.clear();
  app.image = undefined;
  app.named.clear();
  onStopped();
  reach('settings');
  dropSettings(app);
  reach('config');
  app.envFile = '';
  reach('data');
  dropData(app);
  reach('cleanup');
  onCleanup();
  reach('remove-folder');
  await removeFolder(app, state, folder);
}

/** The name is free once the folder is gone. Both go at once, or the folder of a new app of that name would be removed. */
async function removeFolder(app: App, state: SandboxState, folder: string): Promise<void> {
  if (state.apps.get(app.name) !== app) return;
  const removed = `${folder}.${randomUUID()}`;
  if (existsSync(folder)) renameSync(folder, removed);
  state.apps.delete(app.name);
  await rm(removed, { recursive: true, force: true });
}

/** The plugins before `config`. `common` records that the app is deployed, and `apps` has the deploy lock. */
const earlyPlugins = ['app-json.', 'apps.', 'builder', 'buildpacks.', 'builds.', 'checks.', 'deploy-source'];

function dropSettings(app: App): void {
  app.deployed = false;
  app.firstDeployDone = false;
  app.lockFile = undefined;
  app.builds.length = 0;
  app.settings = undefined;
  const dropped = [...app.properties.keys()].filter((key) =>
    earlyPlugins.some((plugin) => key.startsWith(plugin)),
  );
  for (const key of dropped) app.properties.delete(key);
}

/** The plugins after `config`. Domains and certificates are in the app's folder. */
function dropData(app: App): void {
  app.deployBranch = undefined;
  app.canScale = true;
  app.ports = [];
  app.scale.clear();
  app.oldScale.clear();
  app.options.clear();
  app.mounts.length = 0;
  app.properties.clear();
}
