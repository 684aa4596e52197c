/** The commands that act on a host. */
export type CommandName = 'review start' | 'review stop' | 'deploy' | 'releases';

/** What a command acts on. */
export interface Target {
  /** The review app of a branch, or the app of an environment. */
  readonly target: 'review' | 'environment';
  /** Whether it ships the job's commit: then the project's files must be valid, and there must be a commit. */
  readonly ships: boolean;
}

/** The target of each command. */
export const targets: Readonly<Record<CommandName, Target>> = {
  'review start': { target: 'review', ships: true },
  'review stop': { target: 'review', ships: false },
  deploy: { target: 'environment', ships: true },
  releases: { target: 'environment', ships: false },
};
