import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openRepository } from '../../src/source/repository.ts';
import { aFolder, aRepository } from '../support/repository.ts';
import { makeSource } from '../support/source.ts';

afterEach(() => vi.unstubAllEnvs());

test('a TMPDIR that does not exist is reported, with the variable to set', async () => {
  using repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
  vi.stubEnv('TMPDIR', '/nonexistent/of-a-driver');
  await expect(openRepository(makeSource(repository), { PATH: process.env.PATH })).rejects.toMatchObject({
    code: 'source-failed',
    message: 'A temporary folder could not be created in /nonexistent/of-a-driver.',
    remedy: 'Set TMPDIR to a folder that exists and is writable.',
  });
});

test('a repository without a work tree, and one that borrows its objects, are opened', async () => {
  using origin = aRepository();
  const head = origin.commit({ 'index.html': 'hello' });
  using parent = aFolder();
  const [bare, borrowing] = [join(parent.folder, 'bare'), join(parent.folder, 'borrowing')];
  origin.git('clone', '--quiet', '--bare', origin.folder, bare);
  origin.git('clone', '--quiet', '--shared', origin.folder, borrowing);
  for (const folder of [bare, borrowing]) {
    await using repository = await openRepository(makeSource({ folder }), { PATH: process.env.PATH });
    expect([repository.commit.id, repository.root]).toEqual([head, '']);
    expect(await repository.git.text(['cat-file', 'blob', `${head}:index.html`])).toBe('hello');
  }
});

test.each(['main', 'HEAD~0', 'v1'])(
  'a commit can be named by a branch, a tag or an expression: %s',
  async (commit) => {
    using origin = aRepository('main');
    const head = origin.commit({ 'index.html': 'hello' });
    origin.git('tag', '--annotate', '--message', 'one', 'v1');
    await using repository = await openRepository(makeSource(origin, { commit }), { PATH: process.env.PATH });
    expect(repository.commit.id).toBe(head);
  },
);
