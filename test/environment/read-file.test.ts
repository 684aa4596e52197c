import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { maxFileSize, readLimitedFile } from '../../src/environment/read-file.ts';
import { aFolder } from '../support/repository.ts';

test('a file is read up to its limit, and no larger one', async () => {
  using folder = aFolder();
  const path = join(folder.folder, 'file');
  writeFileSync(path, 'x'.repeat(maxFileSize));
  expect((await readLimitedFile(path)).length).toBe(maxFileSize);
  writeFileSync(path, 'x'.repeat(maxFileSize + 1));
  await expect(readLimitedFile(path)).rejects.toThrow('larger than 1 MiB');
});

test('a file whose size is not known in advance is read whole', async () => {
  expect((await readLimitedFile('/proc/self/status')).toString()).toContain('Pid:');
});

test.each(['/dev/zero', '/dev/stdin', 'pipe', 'link to /dev/zero'])(
  '%s, which may never end, is not read',
  async (name) => {
    using folder = aFolder();
    const path = name.startsWith('/') ? name : join(folder.folder, 'it');
    if (name === 'pipe') execFileSync('mkfifo', [path]);
    if (name.startsWith('link')) symlinkSync('/dev/zero', path);
    await expect(readLimitedFile(path)).rejects.toThrow('a device or a pipe, not a file');
  },
);

test('what cannot be read is named', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'folder'));
  symlinkSync('loop', join(folder.folder, 'loop'));
  const reasons = ['folder', 'loop', 'none', 'none/at/all'].map((name) =>
    readLimitedFile(join(folder.folder, name)).catch(({ message }: Error) => message),
  );
  expect(await Promise.all(reasons)).toEqual([
    'a folder, not a file',
    'a symbolic link that leads to itself',
    'no such file',
    'no such file',
  ]);
});
