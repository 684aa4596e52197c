import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countCommonFolders, unpack } from '../../../sandbox/deploys/archive.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'archive-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Entry {
  readonly name: string;
  readonly type?: 'symlink' | 'link';
  readonly linkname?: string;
  readonly content?: string;
}

const tarOf = async (...entries: readonly Entry[]): Promise<Buffer> => {
  const made = pack();
  for (const { content = 'x', ...header } of entries) {
    if (header.type === undefined) made.entry(header, content);
    else made.entry(header);
  }
  made.finalize();
  return buffer(made);
};

const unpacked = async (bytes: Uint8Array, type: 'tar' | 'tar.gz' = 'tar') => {
  const [file, folder] = [join(root, 'archive'), join(root, 'files')];
  writeFileSync(file, bytes);
  mkdirSync(folder);
  const answer = await unpack(file, type, { folder, path: '/usr/bin:/bin' });
  return { ...answer, files: readdirSync(folder), outside: readdirSync(root).sort() };
};

describe('unpacking an archive into a folder', () => {
  test('writes its files', async () => {
    const { exit } = await unpacked(gzipSync(await tarOf({ name: 'a.txt', content: 'hello' })), 'tar.gz');
    expect([exit, readFileSync(join(root, 'files/a.txt'), 'utf8')]).toEqual([0, 'hello']);
  });

  test.each<[string, Entry, string]>([
    ['a name that leads out of the folder', { name: '../evil' }, 'parent directory traversal'],
    ['a name that leads out of a subfolder', { name: 'a/../../evil' }, 'parent directory traversal'],
    ['an absolute name', { name: '/tmp/evil' }, 'absolute paths'],
    [
      'a link to an absolute path',
      { name: 'l', type: 'symlink', linkname: '/etc' },
      'symlinks with absolute targets',
    ],
    ['a link upwards', { name: 'l', type: 'symlink', linkname: '../../..' }, 'outside extraction directory'],
  ])('is refused for %s, and nothing is written', async (_, header, words) => {
    const { exit, problem, files, outside } = await unpacked(await tarOf({ name: 'good' }, header));
    expect([exit, problem?.includes(words), files, outside]).toEqual([1, true, [], ['archive', 'files']]);
  });

  test('fails for a hard link to a file outside, which tar looks for inside', async () => {
    const archive = await tarOf({ name: 'l', type: 'link', linkname: '/etc/passwd' });
    expect(await unpacked(archive)).toMatchObject({ exit: 2, files: [] });
  });

  test.each([
    ['a file that is not an archive', Buffer.from('garbage')],
    ['an empty file', Buffer.alloc(0)],
    ['a truncated archive', Buffer.alloc(700, 'x')],
  ])('fails with the exit code of tar for %s', async (_, bytes) => {
    const { exit, files } = await unpacked(bytes);
    expect([exit, files]).toEqual([2, []]);
  });
});

describe('a compressed tar', () => {
  const unpackBytes = async (bytes: Uint8Array, type: 'tar' | 'tar.gz') => {
    writeFileSync(join(root, 'archive'), bytes);
    mkdirSync(join(root, 'into'));
    return unpack(join(root, 'archive'), type, { folder: join(root, 'into'), path: '/usr/bin:/bin' });
  };

  test('is unpacked even if it is announced as a plain one', async () => {
    const { exit } = await unpackBytes(gzipSync(await tarOf({ name: 'a.txt' })), 'tar');
    expect([exit, readdirSync(join(root, 'into'))]).toEqual([0, ['a.txt']]);
  });

  test('that is cut off fails with tar’s exit code', async () => {
    const noise = Array.from({ length: 20_000 }, (_, at) => String.fromCharCode(33 + ((at * at) % 94))).join(
      '',
    );
    const whole = gzipSync(await tarOf({ name: 'a.txt', content: noise }));
    expect(await unpackBytes(whole.subarray(0, whole.length / 2), 'tar.gz')).toEqual({
      exit: 2,
      events: '',
    });
  });
});

describe('the folders that all names of a tar have in common', () => {
  test.each([
    [['top/a', 'top/b'], 1],
    [['./a', './b'], 1],
    [['x/y/a', 'x/y/b'], 2],
    [['src/a', 'src2'], 0],
    [['one/file'], 1],
    [['a'], 0],
  ])('are counted: %s', async (names, count) => {
    writeFileSync(join(root, 'archive'), await tarOf(...names.map((name) => ({ name }))));
    expect(await countCommonFolders(join(root, 'archive'), '/usr/bin:/bin')).toEqual({ count, messages: '' });
  });

  test('are none in a file that is not a tar, which tar reports', async () => {
    writeFileSync(join(root, 'archive'), 'garbage');
    const { count, messages } = await countCommonFolders(join(root, 'archive'), '/usr/bin:/bin');
    expect([count, messages]).toEqual([0, expect.stringContaining('This does not look like a tar archive')]);
  });
});
