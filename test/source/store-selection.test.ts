import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRepository, type Repository } from '../../src/source/repository.ts';
import { selectFiles } from '../../src/source/selection.ts';
import { storeSelection } from '../../src/source/store-selection.ts';
import { aClone, aRepository, type TestRepository } from '../support/repository.ts';
import { makeSource } from '../support/source.ts';

const child = { PATH: process.env.PATH, HOME: '/nonexistent' };

/** Stores the tree with these paths included, and returns its id. */
const buildTree = async (opened: Repository, include: readonly string[]): Promise<string> =>
  storeSelection(opened, await selectFiles(opened, makeSource({ folder: opened.clone.folder }, { include })));

/** Returns the files of the tree with these paths included: content by name. */
const filesWith = async (clone: TestRepository, include: readonly string[]) => {
  await using repository = await openRepository(makeSource(clone, { include }), child);
  const tree = await buildTree(repository, include);
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

/** Writes files into a work tree without committing them. */
const write = ({ folder }: TestRepository, files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
};

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

describe('source.include adds what lies in the work tree:', () => {
  test('the files of a repository inside it, and of one inside that', async () => {
    using repository = aRepository();
    repository.commit({ '.gitignore': 'vendor\n' });
    for (const folder of ['vendor/acme/lib', 'vendor/acme/lib/deep']) {
      write(repository, { [`${folder}/code.js`]: folder });
      repository.git('-C', folder, 'init', '--quiet');
    }
    write(repository, {
      'vendor/plain.txt': 'plain',
      'vendor/acme/lib/.gitignore': '*.log',
      'vendor/acme/lib/a.log': 'a',
    });
    expect(await filesWith(repository, ['vendor'])).toEqual({
      '.gitignore': 'vendor',
      'vendor/plain.txt': 'plain',
      'vendor/acme/lib/.gitignore': '*.log',
      'vendor/acme/lib/a.log': 'a',
      'vendor/acme/lib/code.js': 'vendor/acme/lib',
      'vendor/acme/lib/deep/code.js': 'vendor/acme/lib/deep',
    });
  });

  test('bytes, whatever .gitattributes and core.autocrlf say', async () => {
    using repository = aRepository();
    repository.commit({
      '.gitattributes': '*.txt text eol=lf ident\n*.utf16 working-tree-encoding=UTF-16\n',
    });
    repository.git('config', 'core.autocrlf', 'true');
    write(repository, { 'a.txt': 'a\r\n$Id: x$\r\n', 'b.utf16': 'not UTF-16' });
    const files = await filesWith(repository, ['a.txt', 'b.utf16']);
    expect([files['a.txt'], files['b.utf16']]).toEqual(['a\r\n$Id: x$\r', 'not UTF-16']);
  });

  test('changed, new and replaced files, and not those that are gone', async () => {
    using repository = aRepository();
    repository.commit({
      'dist/gone.js': '1',
      'dist/same.js': '1',
      'dist/old.js': '1',
      'dist/x': '1',
      'dist/y/z': '1',
    });
    rmSync(join(repository.folder, 'dist'), { recursive: true });
    write(repository, {
      'dist/same.js': '1',
      'dist/old.js': '2',
      'dist/new.js': '3',
      'dist/x/now': 'a folder',
      'dist/y': 'a file',
    });
    expect(await filesWith(repository, ['dist'])).toEqual({
      'dist/same.js': '1',
      'dist/old.js': '2',
      'dist/new.js': '3',
      'dist/x/now': 'a folder',
      'dist/y': 'a file',
    });
  });

  test('names with any characters, programs and symbolic links', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a' });
    const names = [
      'new\nline',
      'return\r',
      '"quoted"\n',
      'back\\slash\n',
      'tab\t',
      'ünï',
      '__proto__',
      'constructor',
      '-x',
    ];
    write(repository, Object.fromEntries(names.map((name) => [`dist/${name}`, name])));
    symlinkSync('../a.txt', join(repository.folder, 'dist/link\n'));
    writeFileSync(join(repository.folder, 'dist/program'), '#!/bin/sh', { mode: 0o755 });
    await using opened = await openRepository(makeSource(repository), child);
    const tree = await buildTree(opened, ['dist']);
    const listed = (await opened.git.text(['ls-tree', '-r', '-z', tree, 'dist/'])).split('\0').slice(0, -1);
    const modes = new Map(listed.map((entry) => [entry.split('\t').slice(1).join('\t'), entry.slice(0, 6)]));
    expect(modes).toEqual(
      new Map([
        ...names.map((name) => [`dist/${name}`, '100644'] as const),
        ['dist/link\n', '120000'],
        ['dist/program', '100755'],
      ]),
    );
    expect(await opened.git.text(['cat-file', 'blob', `${tree}:dist/link\n`])).toBe('../a.txt');
    expect(await opened.git.text(['cat-file', 'blob', `${tree}:dist/new\nline`])).toBe('new\nline');
  });

  test('paths relative to the folder of the source', async () => {
    using repository = aRepository();
    repository.commit({ 'app/a.txt': 'a' });
    write(repository, { 'app/dist/b.txt': 'b', 'dist/c.txt': 'c' });
    await using opened = await openRepository(
      makeSource(repository, { folder: join(repository.folder, 'app') }),
      child,
    );
    const tree = await buildTree(opened, ['dist']);
    expect(await opened.git.text(['ls-tree', '-r', '--name-only', tree])).toBe('a.txt\ndist/b.txt');
  });
});

describe('source.include is refused', () => {
  test('if a submodule is not checked out', async () => {
    using world = withSubmodules(false);
    expect(await codeOf(filesWith(world.clone, ['vendor/lib']))).toEqual([
      'source-failed',
      'The submodule vendor/lib in source.include is not checked out.',
    ]);
  });

  test('if a submodule inside a submodule is not checked out', async () => {
    using world = withSubmodules(true);
    rmSync(join(world.clone.folder, 'vendor/lib/deep'), { recursive: true });
    expect(await codeOf(filesWith(world.clone, ['vendor']))).toEqual([
      'source-failed',
      'The submodule vendor/lib/deep in source.include is not checked out.',
    ]);
  });

  test('if a folder is empty', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a' });
    mkdirSync(join(repository.folder, 'dist'));
    expect(await codeOf(filesWith(repository, ['a.txt', 'dist']))).toEqual([
      'source-failed',
      'There are no files at these paths in source.include: dist',
    ]);
  });

  test('if a path does not exist', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'a' });
    expect(await codeOf(filesWith(repository, ['dist']))).toEqual([
      'source-failed',
      'There are no files at these paths in source.include: dist',
    ]);
  });
});
