import { describe, expect, test } from 'vitest';
import { type ContextQuery, contextOf } from '../support/job-context.ts';

const declaredBy = async (query: ContextQuery) => {
  const { settings } = await contextOf(query);
  return Object.fromEntries(settings.map(({ key, declared }) => [key, declared]));
};

const configOf = async (query: ContextQuery) => {
  const { config, vault } = await contextOf(query);
  return Object.fromEntries(config.map((key) => [key, vault.get(`config.${key}`)?.reveal()]));
};

const production = { command: 'deploy', flags: { environment: 'production' } } as const;

describe('declared settings', () => {
  test('of the narrower block win: maps are merged, lists are replaced', async () => {
    const yml = `
domains: [a.example.com, b.example.com]
scale: {web: 1, worker: 1}
checks: {wait_to_retire: 5}
environments:
  production: {domains: [c.example.com], scale: {web: 3}, checks: false}
`;
    expect(await declaredBy({ ...production, files: { yml } })).toEqual({
      domains: ['c.example.com'],
      scale: { web: 3, worker: 1 },
      checks: { wait_to_retire: '5' },
    });
  });

  test('of review start do not include those of environments', async () => {
    const yml = 'review: {scale: {web: 1}}\nenvironments: {production: {restart: always}}';
    expect(await declaredBy({ files: { yml } })).toEqual({ scale: { web: 1 } });
  });

  test.each(['review stop', 'rollback', 'status'] as const)('are none for %s', async (command) => {
    expect(await declaredBy({ command, files: { yml: 'scale: {web: 1}' } })).toEqual({});
  });

  test('are none for promote', async () => {
    const yml = 'scale: {web: 1}\nenvironments: {staging: {}, production: {}}';
    const flags = { environment: 'production', from: 'staging' };
    expect(await declaredBy({ command: 'promote', flags, files: { yml } })).toEqual({});
  });

  test('have another digest if a value differs, the app differs, or a variable', async () => {
    const digestOf = async (yml: string, more: Partial<ContextQuery> = {}) =>
      (await contextOf({ ...production, ...more, files: { yml } })).settings[0]?.digest;
    const digest = await digestOf('scale: {web: 1, worker: $N}', { env: { N: '2' } });
    expect(await digestOf('scale: {worker: 2, web: 1}')).toBe(digest);
    expect(await digestOf('scale: {web: 1, worker: $N}', { env: { N: '3' } })).not.toBe(digest);
    expect(await digestOf('app: other\nscale: {web: 1, worker: 2}')).not.toBe(digest);
  });
});

describe('values', () => {
  test('can use the branch and the merge request', async () => {
    const yml = 'env: {A: $REF_SLUG, B: "mr-$MR"}';
    const env = { CI_MERGE_REQUEST_IID: '7' };
    expect(await configOf({ env, files: { yml } })).toEqual({ A: 'feature-x', B: 'mr-7' });
  });

  test('can use the address of the app where it is declared', async () => {
    const yml =
      'domains: ["*.example.com", www.example.com]\ntls: none\nenv: {HOST: $APP_HOST, URL: $APP_URL/x}';
    expect(await configOf({ ...production, files: { yml } })).toEqual({
      HOST: 'www.example.com',
      URL: 'http://www.example.com/x',
    });
  });

  test('cannot use it otherwise, and the remedy is to declare it', async () => {
    const refused = (yml: string) => contextOf({ ...production, files: { yml } });
    await expect(refused('domains: []\nenv: {HOST: $APP_HOST}')).rejects.toMatchObject({
      message: expect.stringContaining('APP_HOST is not known'),
      remedy: expect.stringContaining('Declare a domain'),
    });
    await expect(refused('domains: [a.example.com]\nenv: {URL: $APP_URL}')).rejects.toMatchObject({
      remedy: expect.stringContaining('Declare tls'),
    });
  });

  test('of the job take precedence over it', async () => {
    const yml = 'domains: [a.example.com]\nenv: {HOST: $APP_HOST}';
    expect(await configOf({ ...production, env: { APP_HOST: 'other.test' }, files: { yml } })).toEqual({
      HOST: 'other.test',
    });
  });
});
