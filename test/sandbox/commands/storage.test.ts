import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeAll(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
});

afterAll(() => host[Symbol.asyncDispose]());

test('a mounted path leaves an entry that outlives the mount, and an entry in use is not destroyed', async () => {
  await host.run('storage:mount shop /srv/data:/data:ro,Z');
  const { out: listed } = await host.run('storage:list shop --format json');
  const [mount] = JSON.parse(listed);
  expect(mount).toEqual({
    entry_name: expect.stringMatching(/^legacy-[0-9a-f]{10}$/),
    host_path: '/srv/data',
    container_path: '/data',
    readonly: true,
    volume_options: 'Z',
  });
  expect((await host.run(`storage:destroy ${mount.entry_name} --force`)).err).toBe(
    ` !     storage entry "${mount.entry_name}" is still mounted by app(s): shop\n`,
  );
  await host.run('storage:unmount shop /srv/data:/data');
  expect(JSON.parse((await host.run('storage:list-entries --format json')).out)).toHaveLength(1);
});

test('a named entry that is mounted twice is updated, and must be unmounted by its path', async () => {
  await host.run('storage:create media');
  await host.run('storage:mount shop media --container-dir /one');
  await host.run('storage:mount shop media --container-dir /two');
  const { out } = await host.run('storage:mount shop media --container-dir /two --volume-readonly');
  expect(out).toBe('-----> Storage entry media mount at /two on shop updated\n');
  expect((await host.run('storage:unmount shop media')).err).toContain(
    'is mounted at multiple paths on app "shop" (/one, /two)',
  );
  expect((await host.run('storage:unmount shop media --container-dir /one')).exit).toBe(0);
  expect((await host.run('storage:list shop')).out).toContain('/var/lib/dokku/data/storage/media:/two:ro');
});

test.each([
  ['a/b', 'Directory can only contain the following set of characters: [A-Za-z0-9_-]'],
  ['--chown nobody x', 'Unsupported chown permissions'],
])('storage:ensure-directory %s is deprecated and refused', async (words, message) => {
  const { exit, err } = await host.run(`storage:ensure-directory ${words}`);
  const deprecated = "Deprecated: please use 'storage:create' instead of 'storage:ensure-directory'";
  expect([exit, err]).toEqual([1, ` !     ${deprecated}\n !     ${message}\n`]);
});
