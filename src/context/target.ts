/** The commands that act on a host. */
export type CommandName =
  | 'review start'
  | 'review stop'
  | 'deploy'
  | 'promote'
  | 'rollback'
  | 'releases'
  | 'status'
  | 'lock'
  | 'unlock';

/** What a command acts on. */
export interface Target {
  /** The review app of a branch, or the app of an environment. */
  readonly target: 'review' | 'environment';
  /** Whether it ships the job's commit: then the project's files must be valid, and there must be a commit. */
  readonly ships: boolean;
}

interface CommandTarget extends Target {
  /**
   * What a broken configuration file is for it. `problem`: the run ends, since the file may name another app or host.
   * `warning`: the run continues without the file.
   */
  readonly brokenFile: 'problem' | 'warning';
}

/** The target of each command. */
export const targets: Readonly<Record<CommandName, CommandTarget>> = {
  'review start': { target: 'review', ships: true, brokenFile: 'problem' },
  // The app's marker names what to remove, and a broken file must not keep a review app alive.
  'review stop': { target: 'review', ships: false, brokenFile: 'warning' },
  deploy: { target: 'environment', ships: true, brokenFile: 'problem' },
  promote: { target: 'environment', ships: false, brokenFile: 'problem' },
  rollback: { target: 'environment', ships: false, brokenFile: 'problem' },
  releases: { target: 'environment', ships: false, brokenFile: 'problem' },
  status: { target: 'environment', ships: false, brokenFile: 'problem' },
  lock: { target: 'environment', ships: false, brokenFile: 'problem' },
  unlock: { target: 'environment', ships: false, brokenFile: 'problem' },
};

/** Whether a command deploys what a host has already, instead of the job's commit. */
export function deploysRelease(command: CommandName): boolean {
  return command === 'rollback' || command === 'promote';
}
