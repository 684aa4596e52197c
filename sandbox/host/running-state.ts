import type { App } from './state.ts';

/** Returns whether the processes of an app run, as Dokku's `scheduler-app-status` reports it: one that keeps crashing counts as running. */
export function runningState({ containers }: App): 'true' | 'false' | 'mixed' {
  const running = containers.filter((container) => !container.hasEnded()).length;
  if (running === 0) return 'false';
  return running === containers.length ? 'true' : 'mixed';
}
