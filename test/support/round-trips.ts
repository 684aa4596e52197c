import type { JournalEntry } from '../../sandbox/journal.ts';

/** Counts the rounds of commands: overlapping commands share one. */
export const countRoundTrips = (commands: readonly JournalEntry[]): number => {
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
