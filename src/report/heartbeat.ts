import type { Tell } from '../apply/events.ts';

/** A silent job learns of its cancel 20 s late, since the runner sends the log seldom then. */
export const heartbeatEvery = 15_000;

/** Wraps a Tell so that a step which says nothing for a while is told to go on. Dispose it at the end of the run. */
export const withHeartbeat = (
  tell: Tell,
  { now, every = heartbeatEvery }: { readonly now: () => number; readonly every?: number },
): { readonly tell: Tell } & Disposable => {
  const running = new Map<string, { readonly title: string; readonly since: number }>();
  let last = now();
  const timer = setInterval(() => {
    const at = now();
    const [longest] = running;
    if (!longest || at - last < every) return;
    const [id, { title, since }] = longest;
    last = at;
    tell({
      kind: 'waiting',
      at,
      id,
      message: `${title}: still at it after ${Math.round((at - since) / 1_000)} s`,
    });
  }, every / 5);
  timer.unref();
  return {
    tell: (event) => {
      last = event.at;
      if (event.kind === 'step-started') running.set(event.id, { title: event.title, since: event.at });
      if (event.kind === 'step-ended') running.delete(event.id);
      tell(event);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
};
