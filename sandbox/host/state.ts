import type { Authority } from '../authority/authority.ts';
import type { Call } from './call.ts';
import type { AppSettings, Image, LoadedImage } from './image.ts';
import type { ProxyFiles, ProxySite } from './proxy-site.ts';
import type { Repositories } from './repositories.ts';
import type { Service } from './service.ts';
import type { Reach } from './stages.ts';

/** One build of an app, as `builds:list` reports it. */
export interface Build {
  readonly id: string;
  readonly source: string;
  readonly startedAt: number;
  readonly pid: number;
  /** A `deploy` starts an earlier build again. */
  readonly kind: 'build' | 'deploy';
  /** The output, by line. */
  readonly log: string[];
  finishedAt: number | undefined;
  exitCode: number | undefined;
  /** As on Dokku, a failed build is `abandoned` (recorded as running, but its process is gone) until the next build marks it failed. */
  status: 'running' | 'succeeded' | 'abandoned' | 'failed' | 'canceled';
}

/** A process of an app. The sandbox has no containers: reports only show an id for each. */
export interface Container {
  readonly id: string;
  readonly type: string;
  readonly index: number;
  /** The port on the loopback interface that a web process listens on; 0 for any other. */
  readonly port: number;
  /** The output, by line. */
  readonly log: string[];
  /** `restarting`: it has ended, and will be started again. `exited`: it will not. */
  readonly status: () => 'running' | 'restarting' | 'exited';
  readonly restarts: () => number;
  readonly hasEnded: () => boolean;
  /** The files that it runs. */
  readonly folder: string;
  /** The environment that it was started with. */
  readonly env: Readonly<Record<string, string>>;
  /** The image that `git:from-image` or `git:load-image` named; '' if it runs code that was built. */
  readonly sourceImage: string;
  /** The networks that it is attached to, besides Docker's own. */
  readonly networks: readonly string[];
  readonly stop: () => Promise<void>;
}

/** A container that `run` has started and that has not ended. */
export interface RunContainer {
  readonly name: string;
  readonly words: readonly string[];
  readonly startedAt: number;
  /** The output of a detached one, by line. */
  readonly log: readonly string[];
  readonly stop: () => Promise<void>;
}

/** A folder of the host, or a volume of Docker, that apps can mount. */
export interface StorageEntry {
  readonly name: string;
  readonly scheduler: string;
  readonly hostPath: string;
  readonly chown?: string;
}

/** A storage entry that is mounted into the containers of an app. */
export interface StorageAttachment {
  readonly entryName: string;
  readonly containerPath: string;
  readonly phases: readonly string[];
  readonly processType: string;
  readonly subpath: string;
  readonly isReadonly: boolean;
  /** Docker's options of the mount, besides `ro`. */
  readonly options: string;
  readonly chown: string;
}

/** A container or an image that a deploy has replaced. `ps:retire` and `apps:destroy` remove it once it is due. */
export interface Retired {
  readonly kind: 'container' | 'image';
  readonly id: string;
  /** In milliseconds since 1970. */
  readonly dueAt: number;
}

/** An app, and everything that the host stores about it. */
export interface App {
  readonly name: string;
  readonly createdAt: number;
  /** The text of the ENV file, which each read parses again, with Dokku's own flaws. */
  envFile: string;
  deployBranch: string | undefined;
  domains: string[];
  /** Whether the proxy serves it by host name; `domains:disable` turns that off. */
  vhosts: boolean;
  /** Its files in nginx's configuration. */
  readonly proxy: ProxyFiles;
  /** Port mappings (`scheme:host-port:container-port`) as `ports:set` stores them. */
  ports: string[];
  /** The number of processes by type, as `ps:scale` stores it. */
  readonly scale: Map<string, number>;
  /** Zeros that `ps:scale` stored for types that the Procfile does not have, until the next update or deploy. */
  readonly oldScale: Map<string, number>;
  /** What `docker-options:add` stored, by phase. */
  readonly options: Map<string, string[]>;
  /** What `storage:mount` stored, in that order. */
  readonly mounts: StorageAttachment[];
  /** What the `X:set` commands stored, by `plugin.key`. */
  readonly properties: Map<string, string>;
  readonly builds: Build[];
  /** Whether a deploy has ever succeeded. */
  deployed: boolean;
  /** Whether `ps:scale` may change it; a formation in app.json forbids that. */
  canScale: boolean;
  /** The content of the deploy lock file: the id of the build that holds the lock, or ''. Undefined: there is no file. */
  lockFile: string | undefined;
  /** Whether the `postdeploy` script of the first deploy has run. */
  firstDeployDone: boolean;
  /** The processes that serve the app. */
  containers: Container[];
  /** The first web process, its id ('' if there is none) and its output. */
  readonly web: Container | undefined;
  readonly container: string;
  readonly log: readonly string[];
  /** Processes that a canceled deploy left behind. The next good deploy stops them. */
  readonly leftovers: Container[];
  /** The containers that have a process's name (`web.1`), also one that was stopped or scaled down, until it is removed. */
  readonly named: Map<string, Container>;
  /** What deploys have replaced, until it is removed. */
  retired: Retired[];
  /** What `run` and `run:detached` have started, by name. */
  readonly runs: Map<string, RunContainer>;
  /** The scripts that run, even if their deploy was canceled. */
  readonly tasks: Set<Pick<Container, 'stop'>>;
  /** The image that was built last: what a start or a restart uses, even if its deploy has failed. */
  image: Image | undefined;
  /** The folders of all images that are not removed yet. */
  readonly files: Set<string>;
  /** app.json and Procfile of the last deploy that replaced the processes: what a start or a restart uses. */
  settings: AppSettings | undefined;
  /** The deploy that holds the lock, if any. One that was killed holds it until someone frees it. */
  deployController: AbortController | undefined;
}

/** Everything that the host stores, except the files below its folder (bare repositories, checkouts, databases). */
export interface SandboxState {
  readonly apps: Map<string, App>;
  /** Services by plugin and name: `services.get('mysql')?.get('shop-database')`. */
  readonly services: Map<string, Map<string, Service>>;
  /** What `--global` configures. Only the configuration and properties of this entry are used. */
  readonly global: App;
  /** An injected fault: the next build whose output matches is killed. */
  killBuild: { readonly at: RegExp; readonly keepsLock: boolean } | undefined;
  /** Whether a git client creates the app it names if it is missing. */
  autocreation: boolean;
  /** The images that `git:load-image` loaded, by name. */
  readonly images: Map<string, LoadedImage>;
  /** The public key that `git:generate-deploy-key` created. */
  deployKey: string | undefined;
  /** The storage entries, by name. */
  readonly storage: Map<string, StorageEntry>;
  /** The networks that `network:create` created. */
  readonly networks: Set<string>;
  /** The global domains, under which new apps are served. */
  domains: string[];
  /** Whether the host has a schedule: cron tasks of apps, and the renewal of certificates. */
  hasCrontab: boolean;
  /** Signs the certificates of `letsencrypt:enable`; undefined if the host reaches no certificate authority. */
  authority: Authority | undefined;
  /** What the running nginx serves: the last configuration that was valid. */
  sites: readonly ProxySite[];
}

export interface ReleaseOptions {
  readonly out: (text: string) => void;
  /** Where warnings of the scheduler go; by default with the rest of the output. */
  readonly err?: (text: string) => void;
  /** What started it, as `builds:list` names it; undefined if it is not listed there. */
  readonly source: string | undefined;
  /** Where it starts: `build` again, `release` the current image (its tasks run again), or `restart` the processes. */
  readonly from: 'build' | 'release' | 'restart';
  /** Whether the command repeats what the deploy printed on standard error if it fails, as Dokku's commands in Go do. */
  readonly repeatsErrors?: boolean;
  /** The process types to restart; by default all. */
  readonly types?: readonly string[];
  /** Called at each stage of the deploy, so that a fault can end it there. */
  readonly reach?: Reach;
}

export interface ReceiveOptions extends Pick<ReleaseOptions, 'out' | 'reach'> {
  readonly source: string;
  readonly commit: string;
  /** Variables with which git finds the objects of a push that is not accepted yet. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * How a deploy ended. `locked`: another deploy has the lock. `unbuilt`: nothing has changed but the revision.
 * `unreleased`: the new image is in place, but a later step failed. `killed`: it was canceled, or its process was killed.
 */
export type DeployOutcome = 'deployed' | 'locked' | 'unbuilt' | 'unreleased' | 'killed';

/** What every handler gets: the state, and the effects that a command can have. */
export interface SandboxHost {
  readonly state: SandboxState;
  readonly folder: string;
  /** The global domain, and the port on which apps are served. */
  readonly domain: string;
  readonly webPort: number;
  readonly now: () => number;
  /** Returns all services of all plugins. */
  readonly services: () => Service[];
  /** The PATH on which the programs of apps are found. */
  readonly path: string;
  readonly repositories: Repositories;
  /** Writes the proxy's configuration for an app. Returns 1 while the name of any app breaks nginx for all. */
  readonly rebuildProxy: (call: Call, name: string) => number;
  /** Records a build that ended before anything was built, and that stays unfinished. */
  readonly recordUnfinished: (app: App, source: string) => void;
  /** Destroys an app. `onCleanup` is called when everything but its folder is gone. */
  readonly removeApp: (
    app: App,
    options: Pick<Call, 'reach'> & { readonly onStopped: () => void; readonly onCleanup: () => void },
  ) => Promise<void>;
  /** Deploys the app's repository or image again. Returns the exit code. */
  readonly deploy: (app: App, options: ReleaseOptions) => Promise<number>;
  /** Builds and deploys a commit of the app's repository (Dokku's `receive-app`). */
  readonly receive: (app: App, options: ReceiveOptions) => Promise<DeployOutcome>;
  readonly urls: (app: App) => string[];
}
