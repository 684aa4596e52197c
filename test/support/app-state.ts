import { type AppState, readAppState } from '../../src/plan/host-state.ts';

/** The state of an app with this configuration. */
export const stateOf = (app: string, config: Readonly<Record<string, string>>): AppState =>
  readAppState(app, new Map(Object.entries(config)));
