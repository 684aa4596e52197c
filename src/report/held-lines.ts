/** Lines that wait until they can be logged. */
export interface HeldLines {
  readonly push: (line: string) => void;
  /** Returns the lines, and none from then on. Of very many, those in the middle are replaced with their number. */
  readonly take: () => string[];
}

/** How many of the first lines are kept, and at least as many of the last: if something fails, the end shows why. */
const keptLines = 1_000;

/** Creates an empty list of lines. */
export function createHeldLines(): HeldLines {
  let first: string[] = [];
  let last: string[] = [];
  let omitted = 0;
  return {
    push: (line) => {
      if (first.length < keptLines) {
        first.push(line);
        return;
      }
      last.push(line);
      if (last.length < 2 * keptLines) return;
      last = last.slice(-keptLines);
      omitted += keptLines;
    },
    take: () => {
      const lines = [...first, ...(omitted > 0 ? [`… ${omitted} lines omitted`] : []), ...last];
      first = [];
      last = [];
      omitted = 0;
      return lines;
    },
  };
}
