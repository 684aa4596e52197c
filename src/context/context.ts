import type { Access } from '../access/access-types.ts';
import type { Secret, Vault } from '../secret.ts';
import type { CommandName, Target } from './target.ts';

/** A service (a database) that the app is to have. */
export interface ServiceSpec {
  /** The plugin's word: `mysql`, `postgres`, `redis` … */
  readonly plugin: string;
  readonly name: string;
  readonly image?: string;
  readonly version?: string;
  /** Environment of the service's container (`--custom-env`), values by the name of their secret. */
  readonly env: Readonly<Record<string, string>>;
  /** The variable that gets its URL, without `_URL` (`--alias`). */
  readonly as?: string;
}

/** What is shipped of the job's repository. */
export interface Source {
  readonly folder: string;
  readonly history: 'snapshot' | 'full';
  /** Paths outside of the commit that are shipped too: build output, LFS files, submodules. */
  readonly include: readonly string[];
  /** The commit that the job is for; the checkout's HEAD where the job names none. */
  readonly commit: string | undefined;
  /** When it was committed, ISO 8601 in UTC; known once the repository was looked at. */
  readonly committedAt: string | undefined;
  /** The first line of its message, from git: GitLab's variable of it may hold another variable's value. */
  readonly subject?: string;
  /** Files that the snapshot carries besides: path and content (an `app.yml` as `app.json`). */
  readonly extra: Readonly<Record<string, string>>;
}

export interface Project {
  /** GitLab's number of it, where there is one. */
  readonly id: string | undefined;
  readonly path: string;
}

/** The job's own pages in GitLab, and who started it; each undefined where the job does not say. */
export interface Job {
  readonly url: string | undefined;
  readonly pipelineUrl: string | undefined;
  readonly projectUrl: string | undefined;
  readonly user: string | undefined;
  /** In a merged results pipeline the branch's own commit, and the branch that it is merged with. */
  readonly merged: { readonly commit: string; readonly target: string } | undefined;
}

/** How the merge request of a review app is found, and written to. */
export interface MergeRequestAccess {
  /** Where GitLab is served, without the `/api/v4` of its API. */
  readonly server: string;
  readonly token: Secret | undefined;
  /** The project that it is in, by number. */
  readonly project: string;
  /** Its number there; undefined in a branch's pipeline, where it is looked for. */
  readonly iid: number | undefined;
  readonly branch: string;
  /** The job itself says that there is one. */
  readonly isOpen: boolean;
}

/** Which ends of a run a notice is for. */
export type NotificationTrigger = 'success' | 'failure';

/** The chats that take a message as JSON at an address of their own. */
export const chats = ['slack', 'mattermost', 'discord', 'teams'] as const;

/** What a notice can be sent to. */
export const notificationTypes = [...chats, 'webhook', 'mail'] as const;

export type Chat = (typeof chats)[number];
export type NoticeType = (typeof notificationTypes)[number];

/** A mail server, understood. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `start`: TLS from the start; `required`: STARTTLS or nothing; `offered`: STARTTLS where the server has it. */
  readonly tls: 'start' | 'required' | 'offered' | 'none';
  /** False where the server's certificate is taken unchecked. */
  readonly verifyCertificate: boolean;
  readonly login: { readonly user: string; readonly password: Secret } | undefined;
}

/** Somebody to be told of the end of a run. What is secret of it lies in the vault too, so that it is masked. */
export type NotificationChannel =
  | { readonly kind: 'chat'; readonly chat: Chat; readonly url: Secret }
  | { readonly kind: 'webhook'; readonly url: Secret; readonly key: Secret }
  | {
      readonly kind: 'mail';
      readonly server: MailServer;
      readonly from: string;
      readonly to: readonly string[];
    }
  /** One whose variables are missing or wrong: a notice never fails a deploy, and that it cannot be sent is said. */
  | { readonly kind: 'unusable'; readonly type: NoticeType; readonly reason: string };

/** A channel that this run is for, the ends of it that are told there, and where it stands in the file (`notify.0`). */
export type NotificationTarget = NotificationChannel & {
  readonly on: readonly NotificationTrigger[];
  readonly entry: string | undefined;
};

/** A thing to say that does not stop the run. */
export interface Warning {
  readonly about: string;
  readonly message: string;
}

/** All that was given, understood and checked. Nothing after it looks at a variable, a flag or a file again. */
export interface Context extends Target {
  readonly command: CommandName;
  /** None only for a plan that is made for no host in particular (`--offline`, or nothing configured on a dry run). */
  readonly access: Access | undefined;
  readonly project: Project;
  /** The branch, tag or merge request's source branch, whole. */
  readonly ref: string;
  readonly environment: string | undefined;
  readonly app: string;
  readonly services: readonly ServiceSpec[];
  /** Configuration to write, by key; each value is the secret of the name `config.KEY` in the vault. */
  readonly config: readonly string[];
  readonly vault: Vault;
  readonly source: Source;
  readonly rebuild: boolean;
  readonly allowOlder: boolean;
  readonly waitSeconds: number;
  readonly createMissing: boolean;
  readonly job: Job;
  readonly notifications: readonly NotificationTarget[];
  /** Undefined where there can be none: outside of GitLab, of a tag, for an environment. */
  readonly mergeRequest: MergeRequestAccess | undefined;
  readonly warnings: readonly Warning[];
}
