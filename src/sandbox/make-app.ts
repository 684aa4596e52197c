import type { App, SandboxHost } from './state.ts';

/** An app that was never configured nor deployed. */
export const emptyApp = (name: string, createdAt: number, domains: string[]): App => ({
  name,
  createdAt,
  envFile: '',
  deployBranch: undefined,
  domains,
  properties: new Map(),
  builds: [],
  deployed: false,
  locked: false,
  firstDeployDone: false,
  web: undefined,
  deploying: undefined,
});

/** Puts a new app into the state; its repository is made when it is first opened. */
export const makeApp = (host: SandboxHost, name: string): App => {
  // A dot in the name drops the global domain.
  const domain = name.includes('.') ? name : `${name}.${host.domain}`;
  const app = emptyApp(name, host.now(), [domain]);
  host.state.apps.set(name, app);
  return app;
};
