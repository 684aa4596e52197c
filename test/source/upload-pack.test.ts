import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fetchPack } from '../../src/source/upload-pack.ts';
import { programHost, repositoryHost } from '../support/git-host.ts';
import { aBare, manyFiles, pushTo, writeFiles } from '../support/many-files.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { makeSource } from '../support/source.ts';

/** A host's repository with one snapshot, and the ids of the snapshot and of its list of files. */
const aHost = async (project: TestRepository, bare: TestRepository) => {
  writeFiles(project.folder, manyFiles('dist', 50));
  project.commit({ 'a.txt': 'a' });
  const { revision, base = '' } = await pushTo(bare, { source: makeSource(project, { exclude: ['a.txt'] }) });
  return { app: 'shop', wanted: revision, have: base.replace('files:', '') };
};

test('a pack has the commit and its folders, but none of the files that the list names', async () => {
  using project = aRepository();
  using bare = aBare();
  const ids = await aHost(project, bare);
  const pack = await fetchPack({ ...ids, host: repositoryHost(join(bare.folder, '.git')) });
  // The header of a pack ends with the number of its objects: the commit, the root and dist.
  expect(pack?.readUInt32BE(8)).toBe(3);
});

describe('a host', () => {
  const fetchWith = async (script: string, time?: number): Promise<unknown> => {
    using project = aRepository();
    using bare = aBare();
    const ids = await aHost(project, bare);
    const host = programHost({ words: ['sh', '-c', script], cwd: join(bare.folder, '.git') });
    return fetchPack({ ...ids, host }, time);
  };

  test.each([
    ['ends at once', 'exit 1'],
    ['ends within its refs', 'git-upload-pack . | head -c 100'],
    ['ends before its answer', 'git-upload-pack --advertise-refs .'],
    ['ends within the pack', 'git-upload-pack . | head -c 700'],
    ['has none of the commits', 'cd "$(mktemp -d)" && git init -q --bare . && git-upload-pack .'],
    ['cannot pack', 'git config pack.packSizeLimit no; git-upload-pack .'],
  ])('that %s gives nothing', async (_, script) => {
    expect(await fetchWith(script)).toBeUndefined();
  });

  test('that is silent gives nothing after its time', async () => {
    expect(await fetchWith('exec sleep 5', 200)).toBeUndefined();
  });

  test('that does not speak git’s protocol is refused', async () => {
    await expect(fetchWith('echo hello, this is a shell')).rejects.toMatchObject({ code: 'host-refused' });
  });
});
