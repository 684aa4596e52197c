import type { App, SandboxHost } from './state.ts';

/** Adds a new app to the state. Its repository is created when it is first opened. */
export function createApp(host: SandboxHost, name: string): App {
  const app = emptyApp(name, host.now(), defaultDomains(name, host));
  host.state.apps.set(name, app);
  return app;
}

/** Returns an app that was never configured or deployed. */
export function emptyApp(name: string, createdAt: number, domains: string[]): App {
  return {
    name,
    createdAt,
    envFile: '',
    deployBranch: undefined,
    domains,
    vhosts: true,
    proxy: { conf: undefined, parts: new Map() },
    ports: [],
    scale: new Map([['web', 1]]),
    oldScale: new Map(),
    options: new Map(),
    mounts: [],
    properties: new Map(),
    builds: [],
    deployed: false,
    canScale: true,
    lockFile: undefined,
    firstDeployDone: false,
    containers: [],
    get web() {
      return this.containers.find(({ type, index }) => type === 'web' && index === 1);
    },
    get container() {
      return this.web?.id ?? '';
    },
    get log() {
      return this.web?.log ?? [];
    },
    leftovers: [],
    named: new Map(),
    runs: new Map(),
    retired: [],
    tasks: new Set(),
    image: undefined,
    files: new Set(),
    settings: undefined,
    deployController: undefined,
  };
}

/** Returns the domains that a new app gets. A name with a dot is its own only domain. */
export function defaultDomains(name: string, { state }: SandboxHost): string[] {
  return name.includes('.') ? [name] : state.domains.map((domain) => `${name}.${domain}`);
}
