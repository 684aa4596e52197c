/**
 * Hands out a limited number of places. Those who wait get them in turn: the project that holds the fewest comes first. A quarter of the
 * places is kept from a project that holds all others: its commands may never end.
 */
export interface FairQueue {
  /**
   * Resolves when there is a place, with the function that gives it back. Rejects with the signal's reason if the signal is aborted
   * before.
   */
  readonly take: (project: string, signal: AbortSignal) => Promise<() => void>;
}

interface Waiting {
  readonly project: string;
  readonly start: () => void;
}

/** Creates a queue with so many places. */
export function createFairQueue(places: number): FairQueue {
  const held = new Map<string, number>();
  const waiting: Waiting[] = [];
  const maxHeld = places - Math.floor(places / 4);
  let free = places;
  const hold = (project: string): (() => void) => {
    free -= 1;
    held.set(project, countHeld(held, project) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      free += 1;
      held.set(project, countHeld(held, project) - 1);
      if (countHeld(held, project) === 0) held.delete(project);
      takeNext(waiting, { held, maxHeld })?.start();
    };
  };
  return {
    take: async (project, signal) => {
      signal.throwIfAborted();
      if (free > 0 && countHeld(held, project) < maxHeld) return hold(project);
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const entry: Waiting = { project, start: () => resolve(hold(project)) };
      const abandon = (): void => {
        const index = waiting.indexOf(entry);
        if (index !== -1) waiting.splice(index, 1);
        reject(signal.reason);
      };
      waiting.push(entry);
      signal.addEventListener('abort', abandon, { once: true });
      return promise.finally(() => signal.removeEventListener('abort', abandon));
    },
  };
}

function countHeld(held: ReadonlyMap<string, number>, project: string): number {
  return held.get(project) ?? 0;
}

interface Held {
  readonly held: ReadonlyMap<string, number>;
  /** The most places that a project may hold. */
  readonly maxHeld: number;
}

/** Removes and returns the first one of those whose project holds the fewest places, and may hold another. */
function takeNext(waiting: Waiting[], { held, maxHeld }: Held): Waiting | undefined {
  const fewest = Math.min(maxHeld - 1, ...waiting.map(({ project }) => countHeld(held, project)));
  const index = waiting.findIndex(({ project }) => countHeld(held, project) <= fewest);
  return index === -1 ? undefined : waiting.splice(index, 1)[0];
}
