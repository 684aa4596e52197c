import type { SettingName } from './setting-names.ts';

/** What a command does to an app. `fetch`: it reads the app’s code. `run`: it runs, lists or stops scripts in containers of the app. */
export type Effect = 'list' | 'read' | 'write' | 'create' | 'remove' | 'fetch' | 'run';

/** What a command reads from its standard input: nothing, a configuration or a password, a certificate, or the files of an app. */
export type Input = 'none' | 'small' | 'certificate' | 'large';

/** A command that passes the gate. */
export interface Rule {
  /**
   * Its words. Capitals stand for a value: APP, SERVICE, PLUGIN …; `[…]` may be left out, and those that follow one another have any
   * order; `…` repeats the word before it. Each value has its own form (`values.ts`).
   */
  readonly words: string;
  readonly effect: Effect;
  readonly input?: Input;
  /** The settings of the policy, of which one must be granted. */
  readonly settings?: readonly SettingName[];
  /**
   * It shows the whole host: the job gets only its own apps, or what the policy lists; `nothing`, if the gate itself looks when it must
   * be known.
   */
  readonly shows?: 'apps' | 'networks' | 'entries' | 'nothing';
}
