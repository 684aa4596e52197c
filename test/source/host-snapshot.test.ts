import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RecordedSnapshot } from '../../src/source/host-snapshot.ts';
import { openingHost } from '../support/git-host.ts';
import { aBare, manyFiles, pushTo, writeFiles } from '../support/many-files.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { makeSource } from '../support/source.ts';

/** A project with the output of a build, which git ignores. */
const aBuild = (): TestRepository => {
  const project = aRepository();
  project.commit({ '.gitignore': 'dist\n' });
  writeFiles(project.folder, manyFiles('dist', 300));
  return project;
};

const allBytes = 20_000;

/** Ships a build, and then a changed one with this record. Returns the second push. */
const pushTwice = async (
  prepare: (bare: TestRepository, first: RecordedSnapshot) => RecordedSnapshot | undefined,
) => {
  using project = aBuild();
  using bare = aBare();
  const source = makeSource(project, { dir: 'dist' });
  const first = await pushTo(bare, { source });
  expect(first.bytes).toBeGreaterThan(allBytes);
  writeFiles(project.folder, { 'dist/file-7.txt': 'two' });
  const second = await pushTo(bare, { source, recorded: prepare(bare, first) });
  expect(bare.git('show', 'master:file-7.txt')).toBe('two');
  return second;
};

describe('a second push without a known base sends everything, and arrives:', () => {
  test('nothing is recorded', async () => {
    const { bytes, opened } = await pushTwice(() => undefined);
    expect(bytes).toBeGreaterThan(allBytes);
    expect(opened).toEqual(['git-receive-pack']);
  });

  test('the record is about another revision', async () => {
    const { bytes, opened } = await pushTwice((_, first) => ({ ...first, revision: '1'.repeat(40) }));
    expect(bytes).toBeGreaterThan(allBytes);
    expect(opened).toEqual(['git-receive-pack']);
  });

  test.each([
    ['is not a base', 'files:no'],
    ['names files that the host never had', `files:${'1'.repeat(40)}`],
    ['names a tree that the clone lacks', `tree:${'1'.repeat(40)}`],
  ])('the recorded base %s', async (_, base) => {
    expect((await pushTwice((__, first) => ({ ...first, base }))).bytes).toBeGreaterThan(allBytes);
  });

  test('git on the host has removed what the record names', async () => {
    const { bytes } = await pushTwice((bare, first) => {
      bare.git('reflog', 'expire', '--expire=now', '--all');
      bare.git('gc', '--quiet', '--prune=now');
      return first;
    });
    expect(bytes).toBeGreaterThan(allBytes);
  });
});

test('a record that names something else than what the host has does no harm', async () => {
  await pushTwice((bare, first) => ({
    ...first,
    base: `files:${bare.git('rev-parse', 'master:file-9.txt')}`,
  }));
});

test('a push that the host rejects because it lacks something is made again with everything', async () => {
  using project = aBuild();
  using bare = aBare();
  using copy = aFolder();
  const source = makeSource(project, { dir: 'dist' });
  const first = await pushTo(bare, { source });
  const asked = join(copy.folder, 'asked.git');
  bare.git('clone', '--quiet', '--mirror', '--no-local', join(bare.folder, '.git'), asked);
  const manifest = first.base?.split(':')[1] ?? '';
  bare.git('push', '--quiet', asked, `${manifest}:refs/kept/manifest`);
  // What the host has is lost after the job has asked about it.
  bare.git('reflog', 'expire', '--expire=now', '--all');
  bare.git('gc', '--quiet', '--prune=now');
  const host = openingHost((line) => {
    const [program = ''] = line.split(' ');
    return { words: [program, program === 'git-upload-pack' ? asked : '.'], cwd: join(bare.folder, '.git') };
  });
  writeFiles(project.folder, { 'dist/file-7.txt': 'two' });
  const second = await pushTo(bare, { source, recorded: first, host });
  expect(bare.git('show', 'master:file-7.txt')).toBe('two');
  expect(second.bytes).toBeGreaterThan(allBytes);
  expect(second.opened).toEqual(['git-receive-pack', 'git-upload-pack', 'git-receive-pack']);
});

test('the base is found again after git on the host has packed its objects with bitmaps', async () => {
  const { bytes, opened } = await pushTwice((bare, first) => {
    bare.git('repack', '-q', '-a', '-d', '-k', '--write-bitmap-index');
    return first;
  });
  expect(bytes).toBeLessThan(2_000);
  expect(opened).toEqual(['git-receive-pack', 'git-upload-pack']);
});

test('the job’s repository stays as it was', async () => {
  using project = aBuild();
  using bare = aBare();
  const before = project.git('count-objects', '-v');
  const source = makeSource(project, { include: ['dist'] });
  const first = await pushTo(bare, { source });
  writeFiles(project.folder, { 'dist/file-7.txt': 'two' });
  await pushTo(bare, { source, recorded: first });
  expect(project.git('count-objects', '-v')).toBe(before);
  expect(existsSync(join(project.folder, '.git/FETCH_HEAD'))).toBe(false);
});
