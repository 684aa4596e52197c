import { describe, expect, test } from 'vitest';
import { buildContext } from '../../src/context/build-context.ts';
import { contextOf, jobInputOf } from '../support/job-context.ts';

const yml = `
source: {root: apps/api, include: [a], history: snapshot}
review: {source: {dir: dist}}
environments:
  staging: {source: {include: [b, c], exclude: ['*.map']}}
  production: {source: {root: apps/web}}
`;

const sourceOf = async (query: Parameters<typeof contextOf>[0]) => {
  const { root, dir, include, exclude } = (await contextOf({ files: { yml }, ...query })).source;
  return { root, dir, include, exclude };
};

describe('source', () => {
  test.each([
    ['staging', { root: 'apps/api', dir: undefined, include: ['b', 'c'], exclude: ['*.map'] }],
    ['production', { root: 'apps/web', dir: undefined, include: ['a'], exclude: [] }],
  ])('of the environment %s replaces the same keys of the top level', async (environment, source) => {
    expect(await sourceOf({ command: 'deploy', flags: { environment } })).toEqual(source);
  });

  test('of review replaces a wider root with its dir', async () => {
    expect(await sourceOf({})).toEqual({ root: undefined, dir: 'dist', include: ['a'], exclude: [] });
  });

  test.each([
    [{ root: 'apps/web' }, { root: 'apps/web', dir: undefined }],
    [{ dir: './build/' }, { root: undefined, dir: './build/' }],
  ])('is replaced by the flags %j', async (flags, source) => {
    expect(await sourceOf({ flags })).toMatchObject(source);
  });

  test.each([
    [{ dir: '/etc' }, '--dir: "/etc" is not a folder inside the project'],
    [{ root: 'a/../..' }, '--root: "a/../.." is not a folder inside the project'],
    [{ dir: '' }, '--dir: "" is not a folder inside the project'],
    [{ dir: 'a', root: 'b' }, '--root: excludes --dir'],
    [{ dir: 'a', image: 'b' }, '--image: excludes --dir'],
  ])('is refused with the flags %j', async (flags, message) => {
    await expect(sourceOf({ flags })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(message),
    });
  });

  test('with an image replaces the files of a wider level, and a folder replaces an image', async () => {
    const both = `
source: {dir: dist, include: [a]}
environments: {i: {source: {image: 'a:1'}}, d: {source: {dir: x}}}
`;
    const shipmentOf = async (text: string, environment: string, flags = {}) => {
      const query = { command: 'deploy', files: { yml: text }, flags: { environment, ...flags } } as const;
      const { shipment, source } = await contextOf(query);
      return [shipment.kind, source.dir, source.include];
    };
    expect(await shipmentOf(both, 'i')).toEqual(['image', undefined, []]);
    expect(await shipmentOf(both, 'd')).toEqual(['commit', 'x', ['a']]);
    expect(await shipmentOf(both, 'd', { image: 'b' })).toEqual(['image', undefined, []]);
    expect(await shipmentOf(both, 'i', { dir: 'y' })).toEqual(['commit', 'y', []]);
  });

  test.each([
    ['source: {dir: ../x}', 'source.dir: expected a folder inside the project'],
    ['source: {dir: a, root: b}', 'source: root and dir exclude each other'],
    ['review: {source: {exclude: ["!a"]}}', 'review.source.exclude.0: a pattern cannot begin with !'],
    ['environments: {p: {source: {dirs: a}}}', 'environments.p.source.dirs is not a known key'],
  ])('is refused in the file: %s', async (text, message) => {
    await expect(contextOf({ files: { yml: text } })).rejects.toMatchObject({
      message: expect.stringContaining(message),
    });
  });
});

test('app.json is the one of the shipped folder, or the project’s if source.include names it', async () => {
  const addons = (name: string) => ({
    appJson: { path: `${name}/app.json`, text: `{"addons": ["dokku-${name}"]}` },
    unreadable: [],
  });
  const appFiles = new Map([
    ['', addons('redis')],
    ['dist', addons('mysql')],
  ]);
  const servicesWith = async (text: string) => {
    const jobInput = {
      ...jobInputOf({ CI_COMMIT_REF_SLUG: 'fix', CI_COMMIT_REF_NAME: 'fix' }, { yml: text }),
      appFiles,
    };
    const context = await buildContext({
      command: 'review start',
      flags: { hostRequirement: 'none' },
      jobInput,
    });
    return context.services.map(({ plugin }) => plugin);
  };
  expect(await servicesWith('source: {dir: dist/}')).toEqual(['mysql']);
  expect(await servicesWith('source: {dir: dist, include: [./app.json]}')).toEqual(['redis']);
  expect(await servicesWith('review: {source: {dir: dist}}')).toEqual(['mysql']);
  expect(await servicesWith('env: {}')).toEqual(['redis']);
});
