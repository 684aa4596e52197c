/** The commands that act on a host. */
export type CommandName = 'review start' | 'review stop' | 'deploy' | 'rollback' | 'releases';

/** What a command acts on. */
export interface Target {
  /** The review app of a branch, or the app of an environment. */
  readonly target: 'review' | 'environment';
  /** Whether it ships the job's commit: then the project's files must be valid, and there must be a commit. */
  readonly ships: boolean;
}

/** Whether a command deploys what a host has already, instead of the job's commit. */
export function deploysRelease(command: CommandName): boolean {
  return command === 'rollback';
}

/** The target of each command. */
export const targets: Readonly<Record<CommandName, Target>> = {
  'review start': { target: 'review', ships: true },
  'review stop': { target: 'review', ships: false },
  deploy: { target: 'environment', ships: true },
  rollback: { target: 'environment', ships: false },
  releases: { target: 'environment', ships: false },
};
