import type { App, SandboxHost } from './state.ts';

/** Puts a new app into the state; its repository is made when it is first opened. */
export function createApp(host: SandboxHost, name: string): App {
  const app = emptyApp(name, host.now(), defaultDomains(name, host));
  host.state.apps.set(name, app);
  return app;
}

/** An app that was never configured nor deployed. */
export function emptyApp(name: string, createdAt: number, domains: string[]): App {
  return {
    name,
    createdAt,
    envFile: '',
    deployBranch: undefined,
    domains,
    vhosts: true,
    ports: [],
    scale: new Map(),
    options: new Map(),
    mounts: [],
    properties: new Map(),
    builds: [],
    deployed: false,
    canScale: true,
    locked: false,
    firstDeployDone: false,
    web: undefined,
    image: undefined,
    container: '',
    log: [],
    deployController: undefined,
  };
}

/** The domains that an app gets of itself. A dot in its name drops the global ones. */
export function defaultDomains(name: string, { state }: SandboxHost): string[] {
  return name.includes('.') ? [name] : state.domains.map((domain) => `${name}.${domain}`);
}
