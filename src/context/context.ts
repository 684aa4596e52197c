import type { Access } from '../access/access-types.ts';
import type { Value } from '../dokku/command.ts';
import type { Secret, Vault } from '../secret.ts';
import type { DeclaredSetting } from '../settings/setting.ts';
import type { AddressValue } from './address-types.ts';
import type { CopyFrom } from './copy-from.ts';
import type { ImageReference } from './image-reference.ts';
import type { Job } from './job-types.ts';
import type { LoginHint } from './login-hint.ts';
import type { NotificationTarget } from './notification-types.ts';
import type { Probe } from './probe-types.ts';
import type { CommandName, Target } from './target.ts';

/** A service (a database, for example) that the app needs. */
export interface ServiceSpec {
  /** The plugin's name: `mysql`, `postgres`, `redis` … */
  readonly plugin: string;
  readonly name: string;
  /** What its default name adds to the app's; missing if the file names it. */
  readonly suffix?: string;
  readonly image?: string;
  readonly version?: string;
  /** Environment of the service's container (`--custom-env`): for each variable, its secret's name in the vault. */
  readonly env: Readonly<Record<string, string>>;
  /** The variable that holds its URL, without `_URL` (`--alias`). */
  readonly as?: string;
  /** Other flags of the command that creates it, without dashes. */
  readonly options?: Readonly<Record<string, Value>>;
}

/** A variable that app.json declares in `env`. */
export interface DeclaredVariable {
  readonly key: string;
  /** Its default value; undefined if there is none. */
  readonly value: string | undefined;
  /** `secret`: the default is a random value, made once. */
  readonly generator: 'secret' | undefined;
  /** Whether the app must not be deployed without a value. */
  readonly required: boolean;
  /** Its place in the file: `PATH:LINE:COLUMN`. */
  readonly where: string;
}

/** What is shipped from the job's repository. */
export interface Source {
  readonly folder: string;
  /** A folder below `folder` that becomes the root of what is shipped; undefined for `folder` itself. */
  readonly root?: string | undefined;
  /** A folder of the work tree below `folder` that becomes the root of what is shipped, instead of one of the commit. */
  readonly dir?: string | undefined;
  readonly history: 'snapshot' | 'full';
  /** Paths that are shipped besides the commit: build output, LFS files, submodules. */
  readonly include: readonly string[];
  /** Patterns of files that are not shipped, as in .gitignore. */
  readonly exclude?: readonly string[];
  /** `host`: Dokku's server can fetch all submodules. `check`: a submodule that it cannot fetch is an error. */
  readonly submodules?: 'check' | 'host';
  /** The job's commit; the checkout's HEAD if the job doesn't name one. */
  readonly commit: string | undefined;
  /** When it was committed, ISO 8601 in UTC, as the job's variables or the repository name it. */
  readonly committedAt: string | undefined;
  /** The first line of its message, read from git: in GitLab's variable, other variables may be expanded. */
  readonly subject?: string;
  /** Whether app.json gets a short startup check if it has no healthchecks. */
  readonly uptimeCheck?: boolean;
  /** The path of app.json below the shipped folder; undefined for `app.json`. */
  readonly appJsonPath?: string;
  /** Contents of files that the snapshot adds or replaces, by path (an `app.yml` as `app.json`). */
  readonly extra: Readonly<Record<string, string>>;
}

/** A login at an image registry. */
export interface RegistryCredentials {
  readonly user: string;
  readonly password: Secret;
}

/** The login that the host gets. Its password is the secret `registry.password` in the vault, too. */
export interface RegistryLogin extends RegistryCredentials {
  readonly server: string;
}

/** An image that an earlier job has built and pushed. */
export interface ImageShipment {
  readonly kind: 'image';
  readonly reference: ImageReference;
  /** The name that the host gets: with a digest once the registry has been asked. */
  readonly image: string;
  /** How the job logs in at the registry; undefined for an anonymous request. */
  readonly credentials: RegistryCredentials | undefined;
}

/** The archive of an image that an earlier job has built. */
export interface ArchiveShipment {
  readonly kind: 'image-archive';
  /** The path of the file. */
  readonly path: string;
  /** What is known once the file has been read; undefined until then. */
  readonly archive?: {
    /** The name under which the host gets the image: the same content always has the same name. */
    readonly image: string;
    readonly bytes: number;
    readonly isCompressed: boolean;
  };
}

/** What is shipped: the files of the commit, or an image. */
export type Shipment = { readonly kind: 'commit' } | ImageShipment | ArchiveShipment;

export interface Project {
  /** GitLab's id; undefined outside GitLab. */
  readonly id: string | undefined;
  readonly path: string;
}

/** What is needed to find the merge request of a review app and to write to it. */
export interface MergeRequestAccess {
  /** GitLab's base URL, without `/api/v4`. */
  readonly server: string;
  readonly token: Secret | undefined;
  /** The id of the project that the merge request is in. */
  readonly project: string;
  /** Its number in that project; undefined in a branch pipeline, where it has to be looked up. */
  readonly iid: number | undefined;
  readonly branch: string;
  /** The job's id: a newer job has a greater one. */
  readonly job?: number | undefined;
  /** Whether the job's variables show that there is one. */
  readonly isOpen: boolean;
}

/** Something to report that doesn't stop the run. */
export interface Warning {
  readonly about: string;
  readonly message: string;
}

/** What `promote` takes the code from. */
export interface Promotion {
  readonly environment: string;
  readonly app: string;
  /** The host that it is on; undefined if that is the host that it is promoted on, or if there is none. */
  readonly access: Access | undefined;
  /** The first digits of a commit that it has run; undefined for what runs there now. */
  readonly commit: string | undefined;
}

/** Keys of another app's configuration on the same host, for secrets that only the host has. */
export interface Inheritance {
  readonly app: string;
  readonly keys: readonly string[];
}

/** Everything that the job was given, validated. Nothing after it reads a variable, a flag or a file again. */
export interface Context extends Target {
  readonly command: CommandName;
  /** Undefined only for a plan without a host (`--offline`, or a dry run with no host configured). */
  readonly access: Access | undefined;
  readonly project: Project;
  /** The branch or tag; in a merge request pipeline, the source branch. */
  readonly ref: string;
  readonly environment: string | undefined;
  readonly app: string;
  /**
   * Other names that this or an earlier version may have given to the ref's review app; empty for an environment. Such
   * an app is the ref's only if its marker says so.
   */
  readonly formerNames: readonly string[];
  readonly services: readonly ServiceSpec[];
  /** The keys to write to the app's configuration; each value is the secret `config.KEY` in the vault. */
  readonly config: readonly string[];
  /** What the file declares besides services and configuration, for a command that ships; empty for any other. */
  readonly settings: readonly DeclaredSetting[];
  /** What to do about a setting that someone has changed on the host since it was applied. */
  readonly drift: 'keep' | 'repair';
  /** Whether the host is asked about settings that are recorded as applied, too: in a dry run. */
  readonly looksForDrift: boolean;
  /** What the app takes from another app; undefined if nothing. */
  readonly inherit?: Inheritance | undefined;
  /**
   * The variables of app.json that neither `config` nor a service sets. Dokku sets their defaults on the first deploy
   * only, and refuses a deploy without the required ones only then.
   */
  readonly declaredEnv: readonly DeclaredVariable[];
  readonly vault: Vault;
  /** The values of the vault that contain `hostStandIn` instead of the app's host. */
  readonly addressValues: readonly AddressValue[];
  readonly source: Source;
  readonly shipment: Shipment;
  /** Undefined if the host is not to be logged in anywhere. */
  readonly registry: RegistryLogin | undefined;
  readonly rebuild: boolean;
  /** Whether a commit older than the running one may be deployed. */
  readonly allowOlder: boolean;
  /** How the app is asked after a deploy; undefined if it is not. */
  readonly probe: Probe | undefined;
  /** How a run ends if another job deploys a newer commit while it waits. */
  readonly superseded: 'fail' | 'ok';
  /** `deploy` may become the owner of an app that another project or environment owns. */
  readonly takeOver: boolean;
  /** Whether an app that someone has locked is deployed to. */
  readonly duringLock: boolean;
  /** Why `lock` locks the app; undefined for any other command. */
  readonly lockReason: string | undefined;
  /** Whether an app that does not answer after a deploy is taken back to the release before. */
  readonly goesBack: boolean;
  /** What `rollback` goes back to: the number of a release, or a commit. Undefined for the release before. */
  readonly release: string | undefined;
  /** Undefined for any command but `promote`. */
  readonly promotion: Promotion | undefined;
  readonly waitSeconds: number;
  readonly createMissing: boolean;
  readonly copyFrom: CopyFrom | undefined;
  /** Whether `review stop` removes no app of another name. */
  readonly isExact: boolean;
  readonly job: Job;
  readonly notifications: readonly NotificationTarget[];
  /** Undefined where there is none: outside GitLab, for a tag, for an environment. */
  readonly mergeRequest: MergeRequestAccess | undefined;
  /** The login in front of the app, if the file declares one. */
  readonly loginHint: LoginHint | undefined;
  /** The paths of the app's pages that the merge request changes. */
  readonly changedPages: readonly string[];
  readonly warnings: readonly Warning[];
  /** What the log should mention about this run. */
  readonly notes: readonly string[];
}
