/** One command that reached the host. */
export interface JournalEntry {
  readonly line: string;
  /** The command's number among all commands, from 1. */
  readonly number: number;
  /** A tick. A command whose `startedAt` is after another's `endedAt` came in a later round trip. */
  readonly startedAt: number;
  endedAt: number | undefined;
  exit: number | undefined;
}

/** What reached the host, so that tests can count connections, commands and round trips. */
export interface Journal {
  connections: number;
  readonly commands: JournalEntry[];
}
