import type { App, SandboxHost } from './state.ts';

/** Puts a new app into the state; its repository is made when it is first opened. */
export const makeApp = (host: SandboxHost, name: string): App => {
  const app: App = {
    name,
    createdAt: host.now(),
    envFile: '',
    deployBranch: undefined,
    // A dot in the name drops the global domain.
    domains: [name.includes('.') ? name : `${name}.${host.domain}`],
    builds: [],
    deployed: false,
    locked: false,
    firstDeployDone: false,
    web: undefined,
    deploying: undefined,
  };
  host.state.apps.set(name, app);
  return app;
};
