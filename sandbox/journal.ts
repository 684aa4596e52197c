/** One command that reached the host. */
export interface JournalEntry {
  readonly line: string;
  /** Its place among all commands, from 1. */
  readonly number: number;
  /** What began after it was answered came in a later round trip. */
  readonly startedAt: number;
  endedAt: number | undefined;
  exit: number | undefined;
}

/** What a host was asked, for tests to count: connections, commands, round trips. */
export interface Journal {
  connections: number;
  readonly commands: JournalEntry[];
}
