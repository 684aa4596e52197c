import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { recreateHostSnapshot } from '../../src/source/host-snapshot.ts';
import { openRepository } from '../../src/source/repository.ts';
import { createSnapshot } from '../../src/source/snapshot.ts';
import { aClone, aRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

const snapshotOf = async (source: Source, hostId?: string) => {
  await using repository = await openRepository(source, childEnv);
  const snapshot = await createSnapshot(repository, source);
  const { git } = repository;
  return {
    id: snapshot.id,
    recognised: hostId && (await recreateHostSnapshot(repository, snapshot.extra, hostId)),
    hostHas: hostId && (await git.run(['cat-file', '-e', `${hostId}^{tree}`])).kind,
    content: await git.text(['cat-file', 'commit', snapshot.id]),
    files: (await git.text(['ls-tree', '-r', '--name-only', snapshot.id])).split('\n'),
    isWhole: (await git.run(['fsck', '--strict', '--no-dangling', snapshot.id])).kind === 'ok',
  };
};

describe('a snapshot', () => {
  test('is a commit without parents that has the author, dates and message of the original commit, and names its id', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' }, 'First');
    const commit = repository.commit({ 'a.txt': 'two' }, 'Second: żółć\n\nWith a body.');
    const { content, files, isWhole } = await snapshotOf(makeSource(repository));
    expect(content).not.toContain('parent');
    expect(content).toMatch(/^author Zoé Martin <zoe@example.com> \d+ \+0000$/m);
    expect(content.endsWith(`Second: żółć\n\nWith a body.\n\nSource-Commit: ${commit}`)).toBe(true);
    expect([files, isWhole]).toEqual([['a.txt'], true]);
  });

  test('has the same id whether the clone is full or shallow', async () => {
    using origin = aRepository();
    for (let number = 0; number < 5; number += 1)
      origin.commit({ 'a.txt': String(number), 'dir/b.txt': 'b', 'dir-c': 'c' });
    using full = aClone(origin, undefined);
    using shallow = aClone(origin, 2);
    const ids = await Promise.all(
      [full, shallow, full].map(async (clone) => (await snapshotOf(makeSource(clone))).id),
    );
    expect(new Set(ids).size).toBe(1);
  });

  test('on the host is recognised if it was made from a commit in the clone', async () => {
    using repository = aRepository();
    const first = repository.commit({ 'a.txt': 'one' });
    const { id: hostId } = await snapshotOf(makeSource(repository));
    repository.commit({ 'a.txt': 'two' });
    repository.commit({ 'a.txt': 'three' });
    const { recognised, hostHas } = await snapshotOf(makeSource(repository), hostId);
    expect([recognised, hostHas]).toEqual([first, 'ok']);
    const unknown = await snapshotOf(makeSource(repository), '1'.repeat(40));
    expect([unknown.recognised, unknown.hostHas]).toEqual([undefined, 'failed']);
  });

  test('contains extra files at its root, in git’s order', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a', 'app.json-old': 'x', 'app/b.txt': 'b', 'z.txt': 'z' });
    const { files, isWhole } = await snapshotOf(makeSource(repository, { extra: { 'app.json': '{}' } }));
    expect([files.toSorted(), isWhole]).toEqual([
      ['a.txt', 'app.json', 'app.json-old', 'app/b.txt', 'z.txt'],
      true,
    ]);
  });

  test('leaves no objects, refs or index entries in the job’s repository', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a' });
    const before = repository.git('count-objects', '-v');
    await snapshotOf(makeSource(repository, { extra: { 'app.json': '{}' }, include: ['a.txt'] }));
    expect(repository.git('count-objects', '-v')).toBe(before);
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  test('keeps every byte of a message in another encoding', async () => {
    using repository = aRepository();
    repository.git('config', 'i18n.commitEncoding', 'ISO-8859-1');
    repository.commit({ 'a.txt': 'a' }, 'caf\u00e9');
    const { isWhole, content } = await snapshotOf(makeSource(repository));
    expect([isWhole, /^encoding ISO-8859-1$/m.test(content)]).toEqual([true, true]);
  });
});

describe('the repository', () => {
  test('reports whether it is shallow, and when its commit was made', async () => {
    using origin = aRepository();
    origin.commit({ 'a.txt': '1' });
    const head = origin.commit({ 'a.txt': '2' });
    using clone = aClone(origin, 1);
    await using repository = await openRepository(makeSource(clone), childEnv);
    expect([repository.commit.id, repository.isShallow]).toEqual([head, true]);
    expect(repository.commit.committedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  });

  test('is found from a folder inside it, and from a linked worktree', async () => {
    using origin = aRepository();
    const head = origin.commit({ 'dir/a.txt': '1' });
    await using inside = await openRepository(
      makeSource(origin, { folder: `${origin.folder}/dir` }),
      childEnv,
    );
    origin.git('worktree', 'add', '--quiet', '--detach', `${origin.folder}/tree`);
    await using tree = await openRepository(
      makeSource(origin, { folder: `${origin.folder}/tree` }),
      childEnv,
    );
    expect([inside.commit.id, tree.commit.id]).toEqual([head, head]);
  });
});

describe('a folder of the commit as the root', () => {
  const twoApps = (api: string) => ({
    'README.md': 'both',
    'apps/api/server.js': api,
    'apps/api/lib/a.js': 'a',
    'apps/web/index.html': 'web',
  });

  test('is shipped with the files below it and nothing else', async () => {
    using repository = aRepository();
    repository.commit(twoApps('1'));
    const { files, isWhole } = await snapshotOf(makeSource(repository, { root: './apps/api/' }));
    expect([files, isWhole]).toEqual([['lib/a.js', 'server.js'], true]);
  });

  test('is the folder where the run starts, unless source.root names one below it', async () => {
    using repository = aRepository();
    repository.commit(twoApps('1'));
    const folder = `${repository.folder}/apps`;
    const filesOf = async (root?: string) => (await snapshotOf(makeSource({ folder }, { root }))).files;
    expect(await filesOf()).toEqual(['api/lib/a.js', 'api/server.js', 'web/index.html']);
    expect(await filesOf('web')).toEqual(['index.html']);
  });

  test('is recognised on the host after changes elsewhere, with additional files too', async () => {
    using repository = aRepository();
    const first = repository.commit(twoApps('1'));
    const source = makeSource(repository, { root: 'apps/api', extra: { 'app.json': '{}' } });
    const { id } = await snapshotOf(source);
    repository.commit({ 'apps/web/index.html': 'new' });
    repository.commit(twoApps('2'));
    expect(await snapshotOf(source, id)).toMatchObject({ recognised: first, hostHas: 'ok', isWhole: true });
  });

  test('that the commit does not have is an error that names it', async () => {
    using repository = aRepository();
    repository.commit(twoApps('1'));
    for (const root of ['apps/apo', 'README.md']) {
      await expect(snapshotOf(makeSource(repository, { root }))).rejects.toMatchObject({
        code: 'source-failed',
        message: expect.stringContaining(`has no folder ${root}`),
      });
    }
  });
});
