import type { Call } from './call.ts';
import type { Image, LoadedImage } from './image.ts';
import type { Repositories } from './repositories.ts';
import type { Service } from './service.ts';

/** One build that a host ran, as `builds:list` tells it. */
export interface Build {
  readonly id: string;
  readonly source: string;
  readonly startedAt: number;
  readonly pid: number;
  /** A `deploy` runs what was built before. */
  readonly kind: 'build' | 'deploy';
  /** What it said. */
  readonly log: string[];
  finishedAt: number | undefined;
  /** A build that failed stays on record as running, and is `abandoned` to whoever finds its process gone: the next build calls it failed. */
  status: 'running' | 'succeeded' | 'abandoned' | 'failed' | 'canceled';
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
  domains: string[];
  /** Whether the proxy serves it by host name: `domains:disable` ends that. */
  vhosts: boolean;
  /** `scheme:host port:container port`, as `ports:set` keeps them. */
  ports: string[];
  /** Processes by type, as `ps:scale` keeps them. */
  readonly scale: Map<string, number>;
  /** `docker-options:add`, by phase. */
  readonly options: Map<string, string[]>;
  /** `storage:mount`: `host:container[:options]`. */
  readonly mounts: string[];
  /** What `X:set` keeps of it, by key. */
  readonly properties: Map<string, string>;
  readonly builds: Build[];
  /** Ever deployed with success. */
  deployed: boolean;
  /** Whether `ps:scale` may change it: an app.json with a formation forbids that. */
  canScale: boolean;
  locked: boolean;
  /** app.json's env and first-deploy script count once. */
  firstDeployDone: boolean;
  web: Web | undefined;
  /** What was built last and runs, or would after a start. */
  image: Image | undefined;
  /** The running container's id: the sandbox has none, its reports name one. */
  container: string;
  /** What the web process has written. */
  log: string[];
  /** The deploy under way, if any; aborting it is what `builds:cancel` does. */
  deployController: AbortController | undefined;
}

/** What the host keeps. Files (bare repositories, checkouts, databases) are below its folder. */
export interface SandboxState {
  readonly apps: Map<string, App>;
  /** Services by plugin and name: `services.get('mysql')?.get('shop-database')`. */
  readonly services: Map<string, Map<string, Service>>;
  /** What `--global` configures: it has a configuration as an app has, and nothing else of one. */
  readonly global: App;
  /** A fault on order: the next build that says this is killed. */
  killBuildAt: RegExp | undefined;
  /** Whether opening git's programs for a missing app makes it. */
  autocreation: boolean;
  /** The images that `git:load-image` brought, by name. */
  readonly images: Map<string, LoadedImage>;
  /** The public half of `git:generate-deploy-key`. */
  deployKey: string | undefined;
  /** `network:create`. */
  readonly networks: Set<string>;
  /** The domains under which apps without one of their own are served. */
  domains: string[];
}

export interface ReleaseOptions {
  readonly out: (text: string) => void;
  /** What asked for it, as `builds:list` names it. */
  readonly source: string;
  /** From where it begins: `build` anew, `release` what was built (its tasks run again), or `restart` its processes. */
  readonly from: 'build' | 'release' | 'restart';
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
  /** Where the programs of apps are found. */
  readonly path: string;
  readonly repositories: Repositories;
  /** Writes the proxy's configuration for an app: exit code 1 while some app's name breaks it for all. */
  readonly rebuildProxy: (call: Call, name: string) => number;
  /** Puts a build on record that failed before anything was built. */
  readonly recordFailure: (app: App, source: string) => void;
  readonly removeApp: (app: App) => Promise<void>;
  /** Deploys what the app's repository holds once more; gives the exit code. */
  readonly deploy: (app: App, options: ReleaseOptions) => Promise<number>;
  readonly urls: (app: App) => string[];
}
