import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildTreeWithIncludes } from '../../src/source/include.ts';
import { openRepository } from '../../src/source/repository.ts';
import { aClone, aRepository, type TestRepository } from '../support/repository.ts';

const child = { PATH: process.env.PATH, HOME: '/nonexistent' };

/** Returns the files of the tree with these paths included: content by name. */
const filesWith = async (clone: TestRepository, include: readonly string[]) => {
  const source = {
    folder: clone.folder,
    history: 'snapshot',
    include,
    commit: undefined,
    committedAt: undefined,
    extra: {},
  } as const;
  await using repository = await openRepository(source, child);
  const tree = await buildTreeWithIncludes(repository, include);
  const listed = await repository.git.text(['ls-tree', '-r', '-z', tree]);
  const entries = listed.split('\0').filter((entry) => entry !== '');
  const files = entries.map(async (entry) => {
    const [mode, , id = ''] = entry.split('\t')[0]?.split(' ') ?? [];
    const content = mode === '160000' ? 'a link' : await repository.git.text(['cat-file', 'blob', id]);
    return [entry.split('\t')[1], content];
  });
  return Object.fromEntries(await Promise.all(files)) as Record<string, string>;
};

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    ({ code, message }: { code: string; message: string }) => [code, message],
  );

/** A clone with a submodule in vendor/lib, which has a submodule in deep. `checkedOut`: as with GIT_SUBMODULE_STRATEGY: recursive. */
const withSubmodules = (checkedOut: boolean) => {
  const deep = aRepository();
  deep.commit({ 'deep.txt': 'deep' });
  const lib = aRepository();
  lib.commit({ 'lib.txt': 'lib' });
  const add = ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add'];
  lib.git(...add, `file://${deep.folder}`, 'deep');
  lib.commit({});
  const project = aRepository();
  project.commit({ 'a.txt': 'a' });
  project.git(...add, `file://${lib.folder}`, 'vendor/lib');
  project.commit({});
  const clone = aClone(project, 1);
  const update = ['submodule', '--quiet', 'update', '--init', '--recursive', '--depth', '1'];
  if (checkedOut) clone.git('-c', 'protocol.file.allow=always', ...update);
  const all = [deep, lib, project, clone];
  return {
    clone,
    [Symbol.dispose]: () => {
      for (const one of all) one[Symbol.dispose]();
    },
  };
};

describe('source.include', () => {
  test('adds build output that git ignores', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a', '.gitignore': 'dist.js\n' });
    writeFileSync(join(repository.folder, 'dist.js'), 'built');
    expect(await filesWith(repository, ['dist.js'])).toEqual({
      '.gitignore': 'dist.js',
      'a.txt': 'a',
      'dist.js': 'built',
    });
  });

  test('adds the content of LFS files, not their pointers', async () => {
    using repository = aRepository();
    repository.commit({ 'image.bin': 'version https://git-lfs', '.gitattributes': '*.bin filter=lfs\n' });
    writeFileSync(join(repository.folder, 'image.bin'), 'the image');
    repository.git('config', 'filter.lfs.clean', 'echo version https://git-lfs');
    repository.git('config', 'filter.lfs.required', 'true');
    expect((await filesWith(repository, ['image.bin']))['image.bin']).toBe('the image');
  });

  test.each([['vendor/lib'], ['./vendor/lib/'], ['vendor']])(
    'adds the files of a submodule and of the submodules inside it: %s',
    async (path) => {
      using world = withSubmodules(true);
      const files = await filesWith(world.clone, [path]);
      expect(Object.keys(files).toSorted()).toEqual([
        '.gitmodules',
        'a.txt',
        'vendor/lib/.gitmodules',
        'vendor/lib/deep/deep.txt',
        'vendor/lib/lib.txt',
      ]);
      expect([files['vendor/lib/lib.txt'], files['vendor/lib/deep/deep.txt']]).toEqual(['lib', 'deep']);
    },
  );
});

describe('source.include is refused', () => {
  test('if a submodule is not checked out', async () => {
    using world = withSubmodules(false);
    expect(await codeOf(filesWith(world.clone, ['vendor/lib']))).toEqual([
      'source-failed',
      'The submodule vendor/lib in source.include is not checked out.',
    ]);
  });

  test('if a path does not exist', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a' });
    expect(await codeOf(filesWith(repository, ['dist']))).toEqual([
      'source-failed',
      'The paths in source.include could not be added: dist',
    ]);
  });
});
