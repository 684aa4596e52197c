import type { Tell } from '../apply/events.ts';
import { doingBook } from './in-progress.ts';

/** A silent job learns of its cancel 20 s late, since the runner sends the log seldom then. */
export const heartbeatEvery = 15_000;

export interface Heart {
  readonly now: () => number;
  /** When something was last written: what is told may be held back. */
  readonly written: () => number;
  /** Milliseconds. */
  readonly every?: number;
}

/** Wraps a Tell so that a run in which nothing is written for a while says what it is at. Dispose it at the end of the run. */
export function withHeartbeat(
  tell: Tell,
  { now, written, every = heartbeatEvery }: Heart,
): { readonly tell: Tell } & Disposable {
  const book = doingBook();
  const beat = (): void => {
    const at = now();
    const [longest] = book.now();
    if (!longest || at - written() < every) return;
    const { id, title, since } = longest;
    tell({
      kind: 'waiting',
      at,
      id,
      message: `${title}: still at it after ${Math.round((at - since) / 1_000)} s`,
    });
  };
  const timer = setInterval(beat, every / 5);
  timer.unref();
  return {
    tell: (event) => {
      book.see(event);
      tell(event);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
