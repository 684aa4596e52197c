import { emptyApp } from './create-app.ts';
import type { SandboxState } from './state.ts';

/** Returns the state of a new host with these global domains: no apps, no services. `createdAt`: milliseconds since 1970. */
export function createState(domains: string[], createdAt: number): SandboxState {
  return {
    apps: new Map(),
    services: new Map(),
    global: emptyApp('global', createdAt, []),
    killBuild: undefined,
    autocreation: true,
    images: new Map(),
    deployKey: undefined,
    networks: new Set(),
    storage: new Map(),
    domains,
    hasCrontab: false,
    authority: undefined,
    sites: [],
  };
}
