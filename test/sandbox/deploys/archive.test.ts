import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { download, unpack } from '../../../sandbox/deploys/archive.ts';

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
    [
      'a hard link to an absolute path',
      { name: 'l', type: 'link', linkname: '/etc/passwd' },
      'absolute targets',
    ],
  ])('is refused for %s, and nothing is written', async (_, header, words) => {
    const { exit, problem, files, outside } = await unpacked(await tarOf({ name: 'good' }, header));
    expect([exit, problem?.includes(words), files, outside]).toEqual([1, true, [], ['archive', 'files']]);
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

test.each([
  ['file:///etc/passwd', 1],
  ['gopher://127.0.0.1/', 1],
  ['not a url', 3],
  ['http://127.0.0.1:1/x.tar', 7],
])('an archive is downloaded over http and https only: %s', async (url, exit) => {
  expect((await download(url, join(root, 'fetched'))).exit).toBe(exit);
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
    expect(await unpackBytes(whole.subarray(0, whole.length / 2), 'tar.gz')).toEqual({ exit: 2 });
  });
});
