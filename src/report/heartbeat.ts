import type { Emit } from '../apply/events.ts';
import type { ProgressTracker } from './progress-tracker.ts';

/** Milliseconds. A runner checks whether its job was cancelled when it sends log lines: it stops a silent job 20 s late. */
export const heartbeatInterval = 15_000;

export interface HeartbeatOptions {
  readonly progress: Pick<ProgressTracker, 'running'>;
  /** Logs the heartbeat. */
  readonly emit: Emit;
  readonly now: () => number;
  /** Returns when the log was last written: a logger may hold events back. */
  readonly lastWrittenAt: () => number;
  /** Milliseconds. */
  readonly interval?: number;
}

/** Logs what has been running the longest whenever nothing was written for a while. Dispose it at the end of the run. */
export function startHeartbeat({
  progress,
  emit,
  now,
  lastWrittenAt,
  interval = heartbeatInterval,
}: HeartbeatOptions): Disposable {
  const beat = (): void => {
    const at = now();
    const [longest] = progress.running();
    if (!longest || at - lastWrittenAt() < interval) return;
    const { id, title, since } = longest;
    emit({
      kind: 'waiting',
      at,
      id,
      message: `${title}: still running after ${Math.round((at - since) / 1_000)} s`,
    });
  };
  const timer = setInterval(beat, interval / 5);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
