import { expect, test } from 'vitest';
import { emptyApp } from '../../../sandbox/host/create-app.ts';
import { createState } from '../../../sandbox/host/create-state.ts';
import { writeCrontab } from '../../../sandbox/host/crontab.ts';
import type { App, SandboxState } from '../../../sandbox/host/state.ts';

function stateWith(app: App): SandboxState {
  const state = createState([], 0);
  state.apps.set(app.name, app);
  return state;
}

test('the schedule is written while an app has a task, and removed once after that', () => {
  const app = emptyApp('shop', 0, []);
  const state = stateWith(app);
  const none = writeCrontab(state);
  app.settings = { manifest: { cron: [{ command: 'true', schedule: '0 4 * * *' }] }, procfile: undefined };
  const written = [writeCrontab(state), writeCrontab(state)];
  app.settings = undefined;
  expect([none, ...written, writeCrontab(state), writeCrontab(state)]).toEqual([
    undefined,
    '-----> Updated schedule file',
    '-----> Updated schedule file',
    '-----> Removed',
    undefined,
  ]);
});
