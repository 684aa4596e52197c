import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExclusion } from '../../src/source/exclude.ts';
import { aRepository } from '../support/repository.ts';

describe('a path is excluded as git ignores it', () => {
  const paths = [
    ...['a.map', 'src/a.map', 'src/a.map.js', 'docs', 'docs/a.txt', 'src/docs/a.txt', 'docs.txt'],
    ...['test/a/b.txt', 'test/b.txt', 'a+b.txt', 'aab.txt', '(x)', 'x', 'a/x/y', 'a/b/y', '.env', 'üü/é.txt'],
  ];

  test.each([
    ...['*.map', '/*.map', 'src/*.map', '**/*.map', 'docs', '/docs', 'docs/', 'src/docs', 'test/**'],
    ...['test/**/b.txt', 'a+b.txt', '(x)', '?', 'a/*/y', 'a/**', '.env', 'é.txt', 'd?cs.txt', '**/docs/**'],
  ])('%s', (pattern) => {
    using repository = aRepository();
    writeFileSync(join(repository.folder, '.gitignore'), `${pattern}\n`);
    const ignored = paths.filter((path) => {
      const { folder: cwd } = repository;
      try {
        return execFileSync('git', ['check-ignore', '--no-index', path], { cwd }).length > 0;
      } catch {
        return false;
      }
    });
    expect(paths.filter(createExclusion([pattern]))).toEqual(ignored);
  });
});

test('no path is excluded without patterns, and any of several patterns is enough', () => {
  expect(createExclusion([])('a')).toBe(false);
  expect(['a', 'b', 'c'].filter(createExclusion(['a', 'c']))).toEqual(['a', 'c']);
});

test('a pattern with many stars takes no exponential time', () => {
  const start = performance.now();
  expect(createExclusion([`${'*'.repeat(50)}a${'*'.repeat(50)}b`])('a'.repeat(5_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(1_000);
});
