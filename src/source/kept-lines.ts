import type { OnLine } from '../ssh/lines.ts';

/** Keeps the lines of a program's output that matter in the end, whatever its size. */
export interface KeptLines {
  readonly push: OnLine;
  /** Returns the lines in their order. */
  readonly read: () => string[];
}

const maxLength = 2_000;
const maxHead = 1_000;
const maxHeadings = 1_000;
const maxTail = 4_000;

/** Dokku's headings and failures: `-----> Building`, `=====> Application deployed:`, ` !     App build failed`. */
const heading = /^(-----|=====| ?!)/;

/**
 * Passes each line on, and keeps the first and the last ones, Dokku's headings in between, and the start of a long line: some 10 MB
 * at most.
 */
export function createKeptLines(onLine: OnLine): KeptLines {
  const head: string[] = [];
  const headings: string[] = [];
  const tail: string[] = [];
  // The tail is a ring: the oldest line is at this index once it is full.
  let oldest = 0;
  return {
    push: (line) => {
      onLine(line);
      const kept = copy(line.slice(0, maxLength));
      if (head.length < maxHead) {
        head.push(kept);
        return;
      }
      if (tail.length < maxTail) {
        tail.push(kept);
        return;
      }
      const dropped = tail[oldest] ?? '';
      if (heading.test(dropped) && headings.length < maxHeadings) headings.push(dropped);
      tail[oldest] = kept;
      oldest = (oldest + 1) % maxTail;
    },
    read: () => [...head, ...headings, ...tail.slice(oldest), ...tail.slice(0, oldest)],
  };
}

/** A slice keeps the whole text that it was cut from in memory. */
function copy(text: string): string {
  return Buffer.from(text).toString();
}
