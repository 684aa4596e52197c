import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { openRepository } from '../../src/source/repository.ts';
import { findCommit } from '../../src/source/ship.ts';
import { createSnapshot } from '../../src/source/snapshot.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

const write = ({ folder }: { readonly folder: string }, files: Record<string, string | Buffer>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
};

/** A front end whose build output git ignores. */
const aFrontEnd = (): TestRepository => {
  const project = aRepository();
  project.commit({ 'src/app.ts': 'source', '.gitignore': 'dist\nnode_modules\n', Procfile: 'web: serve' });
  write(project, { 'dist/index.html': 'built', 'dist/assets/app.js': 'js', 'dist/assets/app.js.map': 'map' });
  return project;
};

/** Returns the files of the snapshot: mode and content by path. */
const shippedFiles = async (
  project: { readonly folder: string },
  more: Partial<Source>,
): Promise<Record<string, string>> => {
  const source = makeSource(project, more);
  await using repository = await openRepository(source, childEnv);
  const { id } = await createSnapshot(repository, source);
  expect((await repository.git.run(['fsck', '--strict', '--no-dangling', id])).kind).toBe('ok');
  const listed = (await repository.git.text(['ls-tree', '-r', '-z', id])).split('\0').slice(0, -1);
  const files = listed.map(async (entry) => {
    const [info = '', path = ''] = entry.split('\t');
    const [mode, , blob = ''] = info.split(' ');
    const content = (await repository.git.text(['cat-file', 'blob', blob])).toString();
    return [path, mode === '100644' ? content : `${mode} ${content}`];
  });
  return Object.fromEntries(await Promise.all(files)) as Record<string, string>;
};

describe('source.dir', () => {
  test('ships a folder as it lies in the work tree, with what git ignores', async () => {
    using project = aFrontEnd();
    write(project, { 'dist/.gitignore': '*.log', 'dist/a.log': 'log', 'dist/latin-\u00e9': 'é' });
    chmodSync(join(project.folder, 'dist/assets/app.js'), 0o755);
    symlinkSync('../../src', join(project.folder, 'dist/assets/link'));
    expect(await shippedFiles(project, { dir: './dist/' })).toEqual({
      '.gitignore': '*.log',
      'a.log': 'log',
      'latin-é': 'é',
      'index.html': 'built',
      'assets/app.js': '100755 js',
      'assets/app.js.map': 'map',
      'assets/link': '120000 ../../src',
    });
    expect(project.git('status', '--porcelain')).toBe('');
  });

  test('ships bytes as they are, whatever the attributes and filters say', async () => {
    using project = aRepository();
    project.commit({
      '.gitattributes': '* text eol=crlf filter=up\n',
      'dist/.gitattributes': '* text eol=lf\n',
    });
    project.git('config', 'filter.up.clean', 'tr a-z A-Z');
    write(project, { 'dist/a.txt': 'one\r\ntwo\n' });
    expect((await shippedFiles(project, { dir: 'dist' }))['a.txt']).toBe('one\r\ntwo');
  });

  test('ships the files of a repository, but not its .git folder', async () => {
    using project = aFrontEnd();
    project.git('-C', 'dist', 'init', '--quiet');
    project.git('-C', 'dist/assets', 'init', '--quiet');
    const files = await shippedFiles(project, { dir: 'dist' });
    expect(Object.keys(files).sort()).toEqual(['assets/app.js', 'assets/app.js.map', 'index.html']);
  });

  test('is relative to the folder of the run', async () => {
    using project = aRepository();
    project.commit({ 'apps/web/src.ts': 'x' });
    write(project, { 'apps/web/dist/a.txt': 'a', 'dist/b.txt': 'b' });
    const files = await shippedFiles({ folder: join(project.folder, 'apps/web') }, { dir: 'dist' });
    expect(files).toEqual({ 'a.txt': 'a' });
  });

  test('follows a symbolic link to another folder of the project', async () => {
    using project = aFrontEnd();
    symlinkSync('dist', join(project.folder, 'current'));
    expect(Object.keys(await shippedFiles(project, { dir: 'current/assets' }))).toHaveLength(2);
  });

  test('has another id with other files, and the same with the same', async () => {
    using project = aFrontEnd();
    const idOf = async () => {
      const source = makeSource(project, { dir: 'dist' });
      await using repository = await openRepository(source, childEnv);
      return (await createSnapshot(repository, source)).id;
    };
    const first = await idOf();
    expect(await idOf()).toBe(first);
    write(project, { 'dist/index.html': 'built again' });
    expect(await idOf()).not.toBe(first);
  });
});

describe('source.dir is refused before the host is contacted', () => {
  const refusalOf = async (project: TestRepository, more: Partial<Source>): Promise<unknown> =>
    findCommit(makeSource(project, more), childEnv).catch((error: unknown) => error);

  test('if it is missing or empty, with the advice to look at the artifacts', async () => {
    using project = aFrontEnd();
    mkdirSync(join(project.folder, 'empty/inner'), { recursive: true });
    for (const [dir, message] of [
      ['build', 'There is no folder build to ship.'],
      ['empty', 'There is nothing to ship: empty has no files.'],
    ] as const) {
      expect(await refusalOf(project, { dir })).toMatchObject({
        code: 'source-failed',
        message,
        remedy: expect.stringMatching(/artifacts:paths.*needs: or dependencies:/),
      });
    }
  });

  test('if it is a file', async () => {
    using project = aFrontEnd();
    expect(await refusalOf(project, { dir: 'Procfile' })).toMatchObject({
      message: 'Procfile is a file, not a folder.',
    });
  });

  test('if nothing is left of it', async () => {
    using project = aFrontEnd();
    expect(await refusalOf(project, { dir: 'dist', exclude: ['*'] })).toMatchObject({
      message: 'There is nothing to ship: dist has no files that source.exclude keeps.',
    });
  });

  test('if it leads out of the project or into .git', async () => {
    using project = aFrontEnd();
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    write({ folder: outside }, { 'inner/secret.txt': 'secret' });
    symlinkSync(outside, join(project.folder, 'away'));
    symlinkSync('.git', join(project.folder, 'own'));
    for (const dir of ['away', 'away/inner'])
      expect(await refusalOf(project, { dir })).toMatchObject({
        message: `The folder ${dir} cannot be shipped: it leads out of the project.`,
      });
    for (const dir of ['.git', '.git/hooks', 'own'])
      expect(await refusalOf(project, { dir })).toMatchObject({
        message: `The folder ${dir} cannot be shipped: it is git’s own.`,
      });
    rmSync(outside, { recursive: true });
  });

  test('if the whole history is shipped', async () => {
    using project = aFrontEnd();
    expect(await refusalOf(project, { dir: 'dist', history: 'full' })).toMatchObject({
      code: 'source-incomplete',
    });
    expect(await refusalOf(project, { exclude: ['a'], history: 'full' })).toMatchObject({
      message: 'source.history: full ships the commits as they are, so no files can be excluded.',
    });
  });
});

describe('source.include', () => {
  test('puts a path inside the shipped folder in its place, and any other at its path in the project', async () => {
    using project = aFrontEnd();
    write(project, { 'apps/api/build/b.txt': 'b', 'apps/api/a.txt': 'a' });
    project.git('add', 'apps/api/a.txt');
    project.git('commit', '--quiet', '-m', 'Add the API');
    expect(
      await shippedFiles(project, { dir: 'dist', include: ['Procfile', 'src'], exclude: ['*.map'] }),
    ).toEqual({
      'index.html': 'built',
      'assets/app.js': 'js',
      Procfile: 'web: serve',
      'src/app.ts': 'source',
    });
    expect(
      await shippedFiles(project, { root: 'apps/api', include: ['apps/api/build', 'Procfile'] }),
    ).toEqual({
      'a.txt': 'a',
      'build/b.txt': 'b',
      Procfile: 'web: serve',
    });
  });

  test('can be all that a root has', async () => {
    using project = aFrontEnd();
    expect(Object.keys(await shippedFiles(project, { root: 'dist', include: ['dist'] }))).toHaveLength(3);
  });

  test('removes the committed files that no longer exist', async () => {
    using project = aRepository();
    project.commit({ 'api/a.txt': 'a', 'api/b.txt': 'b', 'c.txt': 'c' });
    rmSync(join(project.folder, 'api/a.txt'));
    expect(await shippedFiles(project, { root: 'api', include: ['api'] })).toEqual({ 'b.txt': 'b' });
  });
});

describe('source.exclude', () => {
  test('removes files of the commit and of included folders', async () => {
    using project = aFrontEnd();
    expect(await shippedFiles(project, { include: ['dist'], exclude: ['*.map', '/src/'] })).toEqual({
      '.gitignore': 'dist\nnode_modules',
      Procfile: 'web: serve',
      'dist/index.html': 'built',
      'dist/assets/app.js': 'js',
    });
  });

  test('is relative to the root', async () => {
    using project = aRepository();
    project.commit({ 'api/test/a.txt': 'a', 'api/a.txt': 'a' });
    expect(await shippedFiles(project, { root: 'api', exclude: ['/test'] })).toEqual({ 'a.txt': 'a' });
  });

  test('must leave something', async () => {
    using project = aRepository();
    project.commit({ 'a.txt': 'a' });
    await expect(shippedFiles(project, { exclude: ['*.txt'] })).rejects.toMatchObject({
      code: 'source-failed',
    });
  });
});
