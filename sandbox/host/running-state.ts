import { ownProperty } from './app-properties.ts';
import type { App, SandboxState } from './state.ts';

/** Returns the scheduler that deploys an app. */
export function schedulerOf(app: App, { global }: SandboxState): string {
  const own = ownProperty(app, 'scheduler', 'selected');
  return own || ownProperty(global, 'scheduler', 'selected') || 'docker-local';
}

/** Returns whether the host has a k3s cluster. */
export function hasCluster({ global }: SandboxState): boolean {
  return ownProperty(global, 'scheduler-k3s', 'cluster') !== '';
}

/** Returns whether the processes of an app run, as Dokku's `scheduler-app-status` reports it: one that keeps crashing counts as running. */
export function runningState({ containers }: App): 'true' | 'false' | 'mixed' {
  const running = containers.filter((container) => !container.hasEnded()).length;
  if (running === 0) return 'false';
  return running === containers.length ? 'true' : 'mixed';
}
