import type { Emit } from '../apply/events.ts';
import { createActivityTracker } from './in-progress.ts';

/** A silent job learns of its cancel 20 s late, since the runner sends the log seldom then. */
export const heartbeatInterval = 15_000;

export interface HeartbeatOptions {
  readonly now: () => number;
  /** When something was last written: what is told may be held back. */
  readonly lastWrittenAt: () => number;
  /** Milliseconds. */
  readonly interval?: number;
}

/** Wraps a Tell so that a run in which nothing is written for a while says what it is at. Dispose it at the end of the run. */
export function withHeartbeat(
  emit: Emit,
  { now, lastWrittenAt, interval = heartbeatInterval }: HeartbeatOptions,
): { readonly emit: Emit } & Disposable {
  const tracker = createActivityTracker();
  const beat = (): void => {
    const at = now();
    const [longest] = tracker.current();
    if (!longest || at - lastWrittenAt() < interval) return;
    const { id, title, since } = longest;
    emit({
      kind: 'waiting',
      at,
      id,
      message: `${title}: still at it after ${Math.round((at - since) / 1_000)} s`,
    });
  };
  const timer = setInterval(beat, interval / 5);
  timer.unref();
  return {
    emit: (event) => {
      tracker.update(event);
      emit(event);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
