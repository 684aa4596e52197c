import type { Call } from './call.ts';
import type { Service } from './service.ts';

/** One build that a host ran, as `builds:list` tells it. */
export interface Build {
  readonly id: string;
  readonly source: string;
  readonly startedAt: number;
  finishedAt: number | undefined;
  status: 'running' | 'succeeded' | 'failed' | 'canceled';
}

/** A running process of an app, and where it listens. */
export interface Web {
  readonly port: number;
  readonly stop: () => Promise<void>;
  readonly hasEnded: () => boolean;
}

/** An app and all that the host keeps of it. */
export interface App {
  readonly name: string;
  readonly createdAt: number;
  /** The ENV file's text: what a write leaves and the next read parses, with Dokku's own flaws. */
  envFile: string;
  deployBranch: string | undefined;
  readonly domains: string[];
  /** What `X:set` keeps of it, by key. */
  readonly properties: Map<string, string>;
  readonly builds: Build[];
  /** Ever deployed with success. */
  deployed: boolean;
  locked: boolean;
  /** app.json's env and first-deploy script count once. */
  firstDeployDone: boolean;
  web: Web | undefined;
  /** The deploy under way, if any; aborting it is what `builds:cancel` does. */
  deploying: AbortController | undefined;
}

/** What the host keeps. Files (bare repositories, checkouts, databases) are below its folder. */
export interface SandboxState {
  readonly apps: Map<string, App>;
  /** Services by plugin and name: `services.get('mysql')?.get('shop-database')`. */
  readonly services: Map<string, Map<string, Service>>;
  /** What `--global` configures: it has a configuration as an app has, and nothing else of one. */
  readonly global: App;
  /** Whether opening git's programs for a missing app makes it. */
  autocreation: boolean;
}

export interface ReleaseOptions {
  readonly out: (text: string) => void;
  /** What asked for it, as `builds:list` names it. */
  readonly source: string;
}

/** Handed to every handler: the state, and the effects that a command may ask of the machine. */
export interface SandboxHost {
  readonly state: SandboxState;
  readonly folder: string;
  /** The global domain, and the port under which apps are served. */
  readonly domain: string;
  readonly webPort: number;
  readonly now: () => number;
  /** All services of all plugins. */
  readonly services: () => Service[];
  /** Writes the proxy's configuration for an app: exit code 1 while some app's name breaks it for all. */
  readonly rebuildProxy: (call: Call, name: string) => number;
  readonly removeApp: (app: App) => Promise<void>;
  /** Deploys what the app's repository holds once more; gives the exit code. */
  readonly release: (app: App, options: ReleaseOptions) => Promise<number>;
  readonly urls: (app: App) => string[];
}
