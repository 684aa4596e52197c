import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { emptyApp } from '../../../sandbox/host/create-app.ts';
import { createState } from '../../../sandbox/host/create-state.ts';
import { destroyApp } from '../../../sandbox/host/destroy-app.ts';

test('an app that is created as soon as the name is free keeps its repository', async () => {
  const root = mkdtempSync(join(tmpdir(), 'destroy-app-'));
  const folder = join(root, 'shop.git');
  const head = join(folder, 'HEAD');
  mkdirSync(join(folder, 'objects'), { recursive: true });
  for (let file = 0; file < 2_000; file++) writeFileSync(join(folder, 'objects', `${file}`), '');
  const app = emptyApp('shop', 0, []);
  const state = createState([], 0);
  const { apps } = state;
  apps.set('shop', app);
  const ignore = () => {};
  const destroyed = destroyApp(app, { state, folder, reach: ignore, onStopped: ignore, onCleanup: ignore });
  while (apps.has('shop')) await setImmediate();
  apps.set('shop', emptyApp('shop', 1, []));
  mkdirSync(folder);
  writeFileSync(head, '');
  await destroyed;
  expect([existsSync(head), readdirSync(root)]).toEqual([true, ['shop.git']]);
  rmSync(root, { recursive: true });
});
