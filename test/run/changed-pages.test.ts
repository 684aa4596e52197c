import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import { pageLimits, withChangedPages } from '../../src/run/changed-pages.ts';
import type { World } from '../../src/world.ts';
import { aContext } from '../support/context.ts';
import { jobInputOf } from '../support/job-context.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';

let repository: TestRepository;
let base: string;

beforeAll(() => {
  repository = aRepository('main');
  base = repository.commit({ 'source/about.md': 'one', 'source/old.md': 'one', 'source/same.md': 'one' });
  repository.git('rm', '--quiet', 'source/old.md');
  repository.commit({
    'source/about.md': 'two',
    'source/blog/2026-first post.md': 'new',
    'lib/tool.js': 'new',
  });
});

afterAll(() => repository[Symbol.dispose]());

const map = `- source: /source\\/blog\\/(\\d+)-(.+)\\.md/
  public: 'blog/\\1/\\2/'
- source: /source\\/(.+)\\.md/
  public: '\\1.html'
`;

/** What becomes of a review app's context in a merge request pipeline with this route map. */
const pagesOf = async (
  routeMap: string | undefined,
  {
    more = {},
    variables = { CI_MERGE_REQUEST_DIFF_BASE_SHA: base },
  }: { more?: Partial<Context>; variables?: Record<string, string> } = {},
) => {
  const { source } = aContext();
  const context = aContext({
    source: { ...source, folder: repository.folder, commit: repository.git('rev-parse', 'HEAD') },
    ...more,
  });
  const jobInput = {
    ...jobInputOf(variables),
    readFile: async (path: string) =>
      routeMap === undefined ? { path, reason: 'no such file', isMissing: true } : { path, text: routeMap },
  };
  const world = { env: { PATH: process.env.PATH }, cwd: repository.folder } as unknown as World;
  const { changedPages, warnings, notes } = await withChangedPages(context, jobInput, world);
  return { pages: changedPages, warnings: warnings.map(({ message }) => message), notes };
};

describe('the changed pages of a merge request', () => {
  test('are those of the files that it adds or changes, by the first route that matches the whole path', async () => {
    expect(await pagesOf(map)).toEqual({
      pages: ['about.html', 'blog/2026/first post/'].toSorted(),
      warnings: [],
      notes: [],
    });
    expect((await pagesOf('- {source: about.md, public: x}')).pages).toEqual([]);
    expect(
      (await pagesOf('- {source: lib/tool.js, public: tools}\n- {source: /.*/, public: all}')).pages,
    ).toEqual(['tools', 'all']);
  });

  test('of a merged results pipeline are compared with the target branch', async () => {
    const job = { ...aContext().job, merged: { commit: base, target: 'main' } };
    expect((await pagesOf(map, { more: { job }, variables: {} })).pages).toHaveLength(2);
  });

  test.each([
    ['without a route map', undefined, {}],
    ['outside of a merge request', map, { variables: {} }],
    ['of an environment', map, { more: { command: 'deploy' as const } }],
  ])('are none %s', async (_, routeMap, options) => {
    expect(await pagesOf(routeMap, options)).toEqual({ pages: [], warnings: [], notes: [] });
  });

  test('are a note if the clone lacks the commit to compare with', async () => {
    const { pages, notes } = await pagesOf(map, {
      variables: { CI_MERGE_REQUEST_DIFF_BASE_SHA: 'ab'.repeat(20) },
    });
    expect([pages, notes]).toEqual([[], [expect.stringContaining('set GIT_DEPTH: 0')]]);
  });

  test('are a warning if the route map is malformed', async () => {
    expect(await pagesOf('- source: x')).toMatchObject({
      pages: [],
      warnings: ['the changed pages are not linked: entry 1: it has no public'],
    });
  });

  test('do not hang on an expression that takes exponential time', async () => {
    repository.commit({ [`source/${'a'.repeat(60)}!`]: 'x' });
    const startedAt = performance.now();
    const { pages, warnings } = await pagesOf('- {source: "/source/(a+)+/", public: x}');
    expect([pages, warnings]).toEqual([[], [expect.stringContaining('took more than')]]);
    expect(performance.now() - startedAt).toBeLessThan(20 * pageLimits.milliseconds);
  });
});
