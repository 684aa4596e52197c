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

/** How many rounds of commands there were: those that overlap share one. */
export const roundTrips = (commands: readonly JournalEntry[]): number => {
  let rounds = 0;
  let until = -1;
  for (const { startedAt, endedAt = Number.POSITIVE_INFINITY } of commands.toSorted(
    (a, b) => a.startedAt - b.startedAt,
  )) {
    if (startedAt > until) rounds += 1;
    until = startedAt > until ? endedAt : Math.max(until, endedAt);
  }
  return rounds;
};
