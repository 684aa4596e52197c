import type { Answer, Command } from '../dokku/command.ts';
import type { HostState } from './host-state.ts';

/** A question for the host: the command that asks it, and the reader of its answer. */
export interface Question {
  readonly command: Command;
  /** `from`: it is for the host that a promotion takes the code from, if that is another one. */
  readonly host?: 'from';
  /** Throws `host-refused` or `plugin-missing` for an answer that shows nothing. */
  readonly read: (answer: Answer) => HostState;
}
