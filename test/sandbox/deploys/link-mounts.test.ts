import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkMounts } from '../../../sandbox/deploys/link-mounts.ts';
import type { App } from '../../../sandbox/host/state.ts';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;
let root: string;
let files: string;

beforeEach(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
  await host.run('storage:create uploads');
  root = mkdtempSync(join(tmpdir(), 'link-mounts-'));
  files = join(root, 'releases', 'shop-1');
  mkdirSync(files, { recursive: true });
});

afterEach(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const link = (): void => linkMounts(host.machine.state, host.machine.state.apps.get('shop') as App, files);

test('an app finds its storage below /app, also in the files of the next release', async () => {
  await host.run('storage:mount shop uploads --container-dir /app/public/uploads');
  link();
  writeFileSync(join(files, 'public/uploads/cat.png'), 'meow');
  files = join(root, 'releases', 'shop-2');
  mkdirSync(files);
  link();
  expect(readFileSync(join(files, 'public/uploads/cat.png'), 'utf8')).toBe('meow');
});

test('what the image has at the path is covered until the mount is gone', async () => {
  mkdirSync(join(files, 'data'));
  writeFileSync(join(files, 'data/own'), '');
  await host.run('storage:mount shop uploads --container-dir /app/data');
  link();
  link();
  expect(readdirSync(join(files, 'data'))).toEqual([]);
  await host.run('storage:unmount shop uploads');
  link();
  expect(readdirSync(join(files, 'data'))).toEqual(['own']);
});

test('a path outside of /app, and a folder that is not storage, are left out', async () => {
  await host.run('storage:mount shop uploads --container-dir /data');
  await host.run('storage:mount shop /etc:/app/etc');
  link();
  expect([existsSync(join(files, 'data')), existsSync(join(files, 'etc'))]).toEqual([false, false]);
});
