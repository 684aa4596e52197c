/** One line of the table: how often something was tried, and how often it went wrong. */
export interface Row {
  readonly part: string;
  readonly what: string;
  readonly tried: number;
  /** The cases that went wrong, one line each. */
  readonly wrong: readonly string[];
  /** A figure beside the count, e.g. a peak of memory. */
  readonly note?: string;
}

/** How much of a part is tried: `share` of all cases (0 to 1), chosen by `seed`. */
export interface Effort {
  /** Of the plans, only those whose name contains this. */
  readonly only?: string | undefined;
  readonly share: number;
  readonly seed: number;
}

/** The rows as a table for people, the wrong cases below it. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ part, what, tried, wrong, note = '' }) => [
    part,
    what,
    String(tried),
    String(wrong.length),
    note,
  ]);
  const all = [['part', 'what', 'tried', 'wrong', ''], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const details = rows.flatMap(({ part, what, wrong }) => wrong.map((line) => `  ${part}, ${what}: ${line}`));
  return [...lines, ...(details.length > 0 ? ['', 'Wrong:', ...details] : [])].join('\n');
}

/** Takes a share of a list: the same for the same seed, spread evenly, and never empty. */
export function sample<Item>(items: readonly Item[], { share, seed }: Effort): Item[] {
  if (share >= 1) return [...items];
  const wanted = Math.max(1, Math.round(items.length * share));
  const random = createRandom(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, wanted)
    .map(({ item }) => item);
}

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
