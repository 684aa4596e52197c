/** A made service (a database) of one of the service plugins. */
export interface Service {
  readonly plugin: string;
  readonly name: string;
  readonly createdAt: number;
  /** Half made: its container never started, yet the name is taken. */
  broken: boolean;
  running: boolean;
  readonly password: string;
  image: string;
  version: string;
  /** Names of the apps it is linked to, in the order of linking. */
  readonly links: Set<string>;
  readonly properties: Map<string, string>;
}

/** One build or deploy that a host ran, as `builds:list` tells it. */
export interface Build {
  readonly id: string;
  readonly kind: 'build' | 'deploy';
  readonly source: string;
  readonly pid: number;
  readonly startedAt: number;
  finishedAt: number | undefined;
  status: 'running' | 'succeeded' | 'failed' | 'canceled' | 'abandoned';
  output: string;
}

/** An app and all that its plugins keep of it. */
export interface App {
  name: string;
  readonly createdAt: number;
  /** The ENV file's text: what a write leaves and the next read parses, with Dokku's own flaws. */
  envFile: string;
  /** Properties by `plugin.key`, e.g. `git.deploy-branch`, `ps.restart-policy`. */
  readonly properties: Map<string, string>;
  /** Lists by `plugin.key`, e.g. `domains.vhosts`, `ports.map`, `docker-options.deploy`. */
  readonly lists: Map<string, string[]>;
  readonly scale: Map<string, number>;
  readonly builds: Build[];
  deployed: boolean;
  running: boolean;
  locked: boolean;
  /** The deploy under way, if any; aborting it is what `builds:cancel` does. */
  deploying: AbortController | undefined;
}

/** What the host keeps. Files (bare repositories, checkouts, databases) are below `folder`. */
export interface SandboxState {
  readonly apps: Map<string, App>;
  /** Services by plugin and name: `services.get('mysql')?.get('shop-database')`. */
  readonly services: Map<string, Map<string, Service>>;
  readonly properties: Map<string, string>;
  readonly lists: Map<string, string[]>;
  globalEnvFile: string;
}

/** Handed to every handler: the state, and the effects a command may ask of the machine. */
export interface SandboxHost {
  readonly state: SandboxState;
  readonly folder: string;
  /** The global domain, e.g. `localhost`, and the port under which apps are served. */
  readonly domain: string;
  readonly webPort: number;
  readonly now: () => number;
}
