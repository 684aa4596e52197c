import type { DeclaredApp, DeclaredQuery } from '../support/declared-app.ts';

/** What is tested of every key of the declared environment. */
export interface SettingRow {
  readonly key: string;
  /** What distinguishes the row from others of the same key. */
  readonly title?: string;
  /** The configuration file. */
  readonly yml: string;
  /** The job, if the file needs more than the default one. */
  readonly query?: DeclaredQuery;
  /** What an operator runs first: plugins to install, networks to create. */
  readonly prepare?: (app: DeclaredApp) => Promise<unknown>;
  /** Expects what the declaration does to the host. */
  readonly effect: (app: DeclaredApp) => Promise<void> | void;
  /** Expects the default of Dokku again, where `snapshot` before and after is not enough. */
  readonly removed?: (app: DeclaredApp) => Promise<void> | void;
}

/** A value that is refused before anything is sent to the host. */
export interface BadValueRow {
  readonly key: string;
  readonly yml: string;
  readonly query?: DeclaredQuery;
  /** Parts of the message. */
  readonly message: readonly string[];
}
