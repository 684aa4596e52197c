import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { findCommit } from '../../src/source/ship.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

const commitId = '1'.repeat(40);

/** A repository whose commit has submodules: URLs by path, undefined for one without an entry in .gitmodules. */
const aProjectWith = (submodules: Readonly<Record<string, string | undefined>>): TestRepository => {
  const project = aRepository();
  const entries = Object.entries(submodules);
  const declared = entries.flatMap(([path, url]) =>
    url === undefined ? [] : [`[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`],
  );
  project.commit({ 'a.txt': 'a', '.gitmodules': declared.join('') });
  for (const [path] of entries)
    project.git('update-index', '--add', '--cacheinfo', `160000,${commitId},${path}`);
  project.git('commit', '--quiet', '-m', 'Add submodules');
  return project;
};

const warningsOf = async (project: TestRepository, more: Partial<Source> = {}): Promise<string[]> => {
  const { warnings } = await findCommit(makeSource(project, more), childEnv);
  return warnings.map(({ about, message }) => `${about}: ${message}`);
};

describe('a submodule that Dokku cannot fetch is an error:', () => {
  test.each([
    ['../lib.git', '../lib.git is relative'],
    ['./lib', './lib is relative'],
    ['git@gitlab.example.com:acme/lib.git', 'git@gitlab.example.com:acme/lib.git needs an SSH key'],
    ['ssh://git@gitlab.example.com/acme/lib.git', 'needs an SSH key'],
    [
      'https://gitlab-ci-token:abc@gitlab.example.com/acme/lib.git',
      'gitlab-ci-token:***@gitlab.example.com/acme/lib.git contains the token of a job',
    ],
    ['/srv/git/lib.git', 'is a path on another machine'],
    ['file:///srv/git/lib.git', 'is a path on another machine'],
    [undefined, 'it has no URL in .gitmodules'],
  ])('%s', async (url, reason) => {
    using project = aProjectWith({ 'vendor/lib': url });
    await expect(warningsOf(project)).rejects.toMatchObject({
      code: 'source-incomplete',
      message: 'Dokku cannot fetch a submodule of this commit, and would deploy empty folders.',
      said: [expect.stringMatching(/^vendor\/lib: /)],
      remedy: expect.stringContaining('source.include'),
    });
    const error = await warningsOf(project).catch((one: { said: string[] }) => one);
    expect(String((error as { said: string[] }).said)).toContain(reason);
  });

  test('all of them are listed', async () => {
    using project = aProjectWith({
      constructor: '../a',
      'dir with space/__proto__': '../b',
      ok: 'https://example.com/c',
    });
    await expect(warningsOf(project)).rejects.toMatchObject({
      message: 'Dokku cannot fetch 2 submodules of this commit, and would deploy empty folders.',
      said: [
        expect.stringContaining('constructor: ../a'),
        expect.stringContaining('dir with space/__proto__: ../b'),
      ],
    });
  });
});

describe('a submodule is accepted', () => {
  test('with a warning if its URL is public or may be', async () => {
    using project = aProjectWith({ lib: 'https://user:secret@example.com/lib.git' });
    const [warning, ...others] = await warningsOf(project);
    expect(warning).toContain(
      'the submodule lib: Dokku fetches it from https://user:***@example.com/lib.git',
    );
    expect(others).toEqual([]);
  });

  test('if its files are shipped', async () => {
    using project = aProjectWith({ 'vendor/lib': '../lib.git', other: '../other.git' });
    for (const path of ['vendor/lib', 'other']) {
      mkdirSync(join(project.folder, path), { recursive: true });
      writeFileSync(join(project.folder, path, 'lib.txt'), 'lib');
    }
    expect(await warningsOf(project, { include: ['vendor', './other/'] })).toEqual([]);
    expect(await warningsOf(project, { dir: 'vendor' })).toEqual([]);
    expect(await warningsOf(project, { include: ['other'], exclude: ['/vendor'] })).toEqual([]);
    await expect(warningsOf(project, { include: ['vendor'] })).rejects.toMatchObject({
      said: [expect.stringMatching(/^other: /)],
    });
  });

  test('if the configuration says that Dokku can fetch it', async () => {
    using project = aProjectWith({ lib: '../lib.git' });
    expect(await warningsOf(project, { submodules: 'host' })).toEqual([]);
  });
});

describe('pointers of Git LFS', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
  const attributes = '*.png filter=lfs diff=lfs merge=lfs -text\n';
  const write = ({ folder }: TestRepository, path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const aProject = (): TestRepository => {
    const project = aRepository();
    for (const path of ['public/logo.png', 'public/ü.png']) write(project, path, pointer);
    write(project, 'public/.gitattributes', attributes);
    project.git('-c', 'filter.lfs.clean=cat', 'add', '--all');
    project.git('commit', '--quiet', '-m', 'Add pictures');
    return project;
  };

  test('are warned about, with their number, a path and a remedy', async () => {
    using project = aProject();
    write(project, 'public/logo.png', 'the picture');
    write(project, 'public/ü.png', 'the picture');
    expect(await warningsOf(project)).toEqual([
      'Git LFS: 2 files are shipped as a pointer without content, for example public/logo.png. To ship the content, add their paths to source.include.',
    ]);
    expect(await warningsOf(project, { include: ['public'] })).toEqual([]);
  });

  test('are warned about if their content was not downloaded, even if source.include names them', async () => {
    using project = aProject();
    write(project, 'public/logo.png', 'the picture');
    expect(await warningsOf(project, { include: ['public'] })).toEqual([
      'Git LFS: 1 file is shipped as a pointer without content, for example public/ü.png. To ship the content, download it before the deploy (unset GIT_LFS_SKIP_SMUDGE, or run git lfs pull).',
    ]);
  });

  test('are not looked for in a project without LFS', async () => {
    using project = aRepository();
    project.commit({ 'logo.png': pointer, '.gitattributes': '*.txt text\n' });
    expect(await warningsOf(project)).toEqual([]);
  });
});

test.each([
  [{ include: ['a.txt'] }, 'so the paths in source.include cannot be added.'],
  [{ extra: { 'app.json': '{}' } }, 'so app.json cannot be added.'],
  [{ root: 'app' }, 'so app cannot become the root.'],
  [{ dir: 'app' }, 'so app cannot become the root.'],
  [{ exclude: ['*.md'] }, 'so no files can be excluded.'],
])('the whole history cannot be shipped with other files: %j', async (changed, reason) => {
  using project = aRepository();
  project.commit({ 'a.txt': 'a', 'app/b.txt': 'b' });
  await expect(warningsOf(project, { history: 'full', ...changed })).rejects.toMatchObject({
    code: 'source-incomplete',
    message: `source.history: full ships the commits as they are, ${reason}`,
  });
  expect(await warningsOf(project, { history: 'full' })).toEqual([]);
});

test('a submodule outside the folder that is shipped does not matter, and one inside needs its files', async () => {
  using project = aProjectWith({
    'libs/private': '../private.git',
    'apps/api/lib': 'https://example.com/lib.git',
  });
  const blob = project.git('rev-parse', 'HEAD:a.txt');
  project.git('update-index', '--add', '--cacheinfo', `100644,${blob},apps/web/index.html`);
  project.git('commit', '--quiet', '-m', 'Add an app without submodules');
  expect(await warningsOf(project, { root: 'apps/web' })).toEqual([]);
  await expect(warningsOf(project, { root: 'apps/api' })).rejects.toMatchObject({
    code: 'source-incomplete',
  });
});
