import type { RunEvent } from '../../src/apply/events.ts';

/** The start of a run at zero. */
export const runStarted: RunEvent = {
  kind: 'run-started',
  at: 0,
  command: 'deploy',
  version: '1.0.0',
  app: 'x',
  host: undefined,
};
