/** The commands that act on a host. */
export type CommandName =
  | 'review prepare'
  | 'review start'
  | 'review stop'
  | 'review run'
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
  /** Whether it creates and configures the app and its services: then the project's files must be valid. */
  readonly configures: boolean;
  /** Whether it ships the job's commit, too: then there must be one. */
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
  'review prepare': { target: 'review', configures: true, ships: false, brokenFile: 'problem' },
  'review start': { target: 'review', configures: true, ships: true, brokenFile: 'problem' },
  // The app's marker names what to remove, and a broken file must not keep a review app alive.
  'review stop': { target: 'review', configures: false, ships: false, brokenFile: 'warning' },
  'review run': { target: 'review', configures: false, ships: false, brokenFile: 'problem' },
  deploy: { target: 'environment', configures: true, ships: true, brokenFile: 'problem' },
  promote: { target: 'environment', configures: false, ships: false, brokenFile: 'problem' },
  rollback: { target: 'environment', configures: false, ships: false, brokenFile: 'problem' },
  releases: { target: 'environment', configures: false, ships: false, brokenFile: 'problem' },
  status: { target: 'environment', configures: false, ships: false, brokenFile: 'problem' },
  lock: { target: 'environment', configures: false, ships: false, brokenFile: 'problem' },
  unlock: { target: 'environment', configures: false, ships: false, brokenFile: 'problem' },
};

/** Whether a command deploys what a host has already, instead of the job's commit. */
export function deploysRelease(command: CommandName): boolean {
  return command === 'rollback' || command === 'promote';
}

/** Whether a command makes an app ready for another job that ships: it is no outcome to notify anyone about. */
export function isPreparation({ configures, ships }: Pick<Target, 'configures' | 'ships'>): boolean {
  return configures && !ships;
}
