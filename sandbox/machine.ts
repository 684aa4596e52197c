import { join } from 'node:path';
import { createDeployer } from './deploys/deploys.ts';
import { ownProperty } from './host/app-properties.ts';
import { emptyApp } from './host/create-app.ts';
import { destroyApp } from './host/destroy-app.ts';
import { openRepositories, type PreReceive } from './host/repositories.ts';
import type { Reach } from './host/stages.ts';
import type { App, SandboxHost, SandboxState } from './host/state.ts';

export interface MachineOptions {
  readonly folder: string;
  readonly domain: string;
  readonly webPort: () => number;
  readonly now: () => number;
  /** The PATH on which the programs of apps are found. */
  readonly path: string;
  /** Variables for builds only. */
  readonly buildEnv: Readonly<Record<string, string>>;
  /** How long a web process may take to listen, in milliseconds. */
  readonly startTimeout: number;
  /** The length of a second of Dokku's waiting for checks, in milliseconds. */
  readonly second: number;
  /** The shortest time that a deploy takes, in milliseconds. */
  readonly deployPace: number;
}

/** A host with its effects, and what the SSH server needs besides commands. */
export interface Machine extends SandboxHost {
  readonly preReceive: (app: App, reach: Reach) => PreReceive;
  readonly close: () => Promise<void>;
}

/** Creates the machine of a sandbox: its state, and everything that commands and pushes do to it. */
export function createMachine(options: MachineOptions): Machine {
  const { folder, domain, now, path } = options;
  const state: SandboxState = {
    apps: new Map(),
    services: new Map(),
    global: emptyApp('global', now(), []),
    killBuild: undefined,
    autocreation: true,
    images: new Map(),
    deployKey: undefined,
    networks: new Set(),
    domains: [domain],
  };
  const repositories = openRepositories(join(folder, 'apps'), path);

  // An app without domains of its own is reported under the host's domain.
  const urls = (app: App): string[] => {
    const names = app.vhosts && app.domains.length > 0 ? app.domains : [domain];
    const schemes = ownProperty(app, 'certs', 'crt') === '' ? ['http'] : ['http', 'https'];
    return schemes.flatMap((scheme) => names.map((name) => urlOf(scheme, name, options.webPort())));
  };

  const { deploy, receive, recordFailure, preReceive } = createDeployer({
    ...options,
    state,
    repositories,
    urls,
  });

  const removeApp: SandboxHost['removeApp'] = (app, more) =>
    destroyApp(app, { state, folder: repositories.folderOf(app.name), ...more });

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
    recordFailure,
    removeApp,
    urls,
    rebuildProxy: (call, name) => {
      const broken = [...state.apps.values()].find(breaksProxy);
      if (!broken) {
        const app = state.apps.get(name);
        const configured = app?.vhosts ? app.domains.toSorted() : [];
        const words = configured.map(
          (domainName) => `-----> Configuring ${domainName}...(using built-in template)\n`,
        );
        call.out(`${words.join('')}-----> Creating http nginx.conf\n       Reloading nginx\n`);
        if (!call.quiet && !app?.web) call.err(` !     No web listeners specified for ${name}\n`);
        return 0;
      }
      call.err(
        'nginx: [emerg] could not build server_names_hash, you should increase server_names_hash_bucket_size: 64\n',
      );
      call.err('nginx: configuration file /etc/nginx/nginx.conf test failed\n');
      return 1;
    },
    close: async () => {
      const options = { reach: () => {}, onCleanup: () => {} };
      await Promise.all([...state.apps.values()].map((app) => removeApp(app, options)));
      await Promise.all(services().map((service) => service.stop()));
    },
  };
}

/** Returns a URL; the default port of the scheme is omitted. */
function urlOf(scheme: string, name: string, port: number): string {
  return new URL(`${scheme}://${name}:${port}`).href.replace(/\/$/, '');
}

function byName<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

// Recorded: a label of 64 characters is accepted; one of 245 makes nginx reject its whole configuration. The exact limit
// depends on the host's server_names_hash_bucket_size. The sandbox uses a length that no host name can have.
const longestLabel = 128;

function breaksProxy({ domains }: App): boolean {
  return domains.some((name) => name.split('.').some((label) => label.length > longestLabel));
}
