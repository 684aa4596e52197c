import { join } from 'node:path';
import { createDeployer, type DeployerOptions } from './deploys/deploys.ts';
import { createState } from './host/create-state.ts';
import { destroyApp } from './host/destroy-app.ts';
import { openRepositories } from './host/repositories.ts';
import type { PreReceive } from './host/serve-git.ts';
import type { Reach } from './host/stages.ts';
import type { App, SandboxHost } from './host/state.ts';
import { buildNginxConfig, reloadAfterRemoval } from './nginx/build-config.ts';
import { urlsOf } from './nginx/urls.ts';

export interface MachineOptions extends Omit<DeployerOptions, 'state' | 'repositories' | 'urls'> {
  readonly domain: string;
  readonly webPort: () => number;
}

/** A host with its effects, and what the SSH server needs besides commands. */
export interface Machine extends SandboxHost {
  readonly preReceive: (app: App, reach: Reach) => PreReceive;
  readonly close: () => Promise<void>;
}

/** Creates the machine of a sandbox: its state, and everything that commands and pushes do to it. */
export function createMachine(options: MachineOptions): Machine {
  const { folder, domain, now, path } = options;
  const state = createState([domain], now());
  const repositories = openRepositories(join(folder, 'apps'), path);

  const urls = (app: App): string[] => urlsOf(app, state, options.webPort());
  const { deploy, receive, recordUnfinished, preReceive } = createDeployer({
    ...options,
    state,
    repositories,
    urls,
  });

  const removeApp: SandboxHost['removeApp'] = async (app, more) => {
    await destroyApp(app, { state, folder: repositories.folderOf(app.name), ...more });
    reloadAfterRemoval({ state });
  };

  // In the order of the host's folders: by plugin, then by name.
  const services = () =>
    byName([...state.services]).flatMap(([, made]) => byName([...made]).map(([, service]) => service));

  return {
    state,
    folder,
    domain,
    path,
    get webPort() {
      return options.webPort();
    },
    now,
    repositories,
    preReceive,
    services,
    deploy,
    receive,
    recordUnfinished,
    removeApp,
    urls,
    rebuildProxy: (call, name) => {
      const app = state.apps.get(name);
      return app ? buildNginxConfig(call, { state }, app) : 0;
    },
    close: async () => {
      const options = { reach: () => {}, onStopped: () => {}, onCleanup: () => {} };
      await Promise.all([...state.apps.values()].map((app) => removeApp(app, options)));
      await Promise.all(services().map((service) => service.stop()));
    },
  };
}

function byName<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
