import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { aBare, manyFiles, pushTo, writeFiles } from '../support/many-files.ts';
import { aClone, aRepository, type TestRepository } from '../support/repository.ts';
import { makeSource } from '../support/source.ts';

/** Each kind of source: its files in the origin, its files in the work tree only, and the change before the second push. */
const kinds: readonly {
  readonly name: string;
  readonly source: Partial<Source>;
  readonly committed?: Record<string, string>;
  readonly built?: Record<string, string>;
  readonly change: Record<string, string>;
  readonly secondSource?: Partial<Source>;
}[] = [
  {
    name: 'a commit with an added app.json',
    source: { folder: 'app', extra: { 'app.json': '{"version": 1}' } },
    committed: manyFiles('app', 2_000),
    change: { 'app/file-7.txt': 'changed' },
    secondSource: { extra: { 'app.json': '{"version": 2}' } },
  },
  {
    name: 'a root',
    source: { root: 'packages/api' },
    committed: manyFiles('packages/api', 2_000),
    change: { 'packages/api/file-7.txt': 'changed' },
  },
  {
    name: 'a root after another root',
    source: { root: 'packages/api' },
    committed: { ...manyFiles('packages/api', 2_000), 'packages/web/app.json': '{}' },
    change: { 'packages/web/a.txt': 'changed' },
    secondSource: { root: 'packages/web' },
  },
  {
    name: 'a dir',
    source: { dir: 'dist' },
    built: manyFiles('dist', 2_000),
    change: { 'dist/file-7.txt': 'changed', 'dist/new.txt': 'new' },
  },
  {
    name: 'a dir with a check in app.json',
    source: { dir: 'dist', extra: { 'app.json': '{"version": 1}' } },
    built: manyFiles('dist/deep/er', 2_000),
    change: { 'dist/deep/er/file-7.txt': 'changed' },
    secondSource: { extra: { 'app.json': '{"version": 2}' } },
  },
  {
    name: 'an included folder',
    source: { include: ['dist'] },
    committed: manyFiles('src', 2_000),
    built: manyFiles('dist', 2_000),
    change: { 'dist/file-7.txt': 'changed', 'src/file-9.txt': 'changed' },
  },
  {
    name: 'a commit without excluded files',
    source: { exclude: ['*-5.txt'] },
    committed: manyFiles('src', 2_000),
    change: { 'src/file-7.txt': 'changed' },
  },
];

describe('a second push with 2,000 files sends a few kB:', () => {
  test.each(kinds)('$name', { timeout: 60_000 }, async (kind) => {
    using origin = aRepository();
    origin.commit({ '.gitignore': 'dist\n', ...kind.committed });
    using bare = aBare();
    const { folder: inner = '', ...source } = kind.source;
    const sourceIn = (clone: TestRepository, more: Partial<Source> = {}) =>
      makeSource({ folder: join(clone.folder, inner) }, { ...source, ...more });
    using before = aClone(origin, 1);
    writeFiles(before.folder, kind.built ?? {});
    const first = await pushTo(bare, { source: sourceIn(before) });
    expect(first.bytes).toBeGreaterThan(100_000);
    if (kind.committed) {
      const changes = Object.entries(kind.change).filter(([path]) => !path.startsWith('dist/'));
      origin.commit(Object.fromEntries(changes));
    } else origin.commit({ 'README.md': 'A new commit' });
    // The clone of the second job has the commit before, but not what an earlier job built for it.
    using after = aClone(origin, 2);
    writeFiles(after.folder, { ...kind.built, ...kind.change });
    const second = await pushTo(bare, { source: sourceIn(after, kind.secondSource), recorded: first });
    expect(second.bytes).toBeLessThan(5_000);
    const [changed = '', content] = Object.entries(kind.change)[0] ?? [];
    const shipped = changed
      .replace(/^(app|packages\/\w+)\//, '')
      .replace(/^dist\//, source.dir ? '' : 'dist/');
    expect(bare.git('show', `master:${shipped}`)).toBe(content);
  });
});
