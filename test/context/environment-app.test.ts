import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const appOf = async (env: Record<string, string>, environment?: string): Promise<string> =>
  (await contextOf({ command: 'deploy', env, flags: { environment } })).app;

const webShop = { CI_PROJECT_NAME: 'Web_Shop', CI_PROJECT_PATH: 'acme/Web_Shop', CI_PROJECT_ID: '42' };

describe('the default app', () => {
  test.each<[Record<string, string>, string]>([
    [{ CI_ENVIRONMENT_NAME: 'production' }, 'shop'],
    [{ CI_ENVIRONMENT_NAME: 'Production' }, 'shop'],
    [{ CI_ENVIRONMENT_NAME: 'live', CI_ENVIRONMENT_TIER: 'production' }, 'shop'],
    [{ CI_ENVIRONMENT_NAME: 'staging', CI_ENVIRONMENT_TIER: 'staging' }, 'shop-staging'],
    [{ CI_ENVIRONMENT_NAME: 'production', CI_ENVIRONMENT_TIER: 'other' }, 'shop-production'],
    [{ CI_ENVIRONMENT_NAME: 'live' }, 'shop-live'],
    [{}, 'shop'],
  ])('of a job with %j is %s', async (env, app) => {
    expect(await appOf(env)).toBe(app);
  });

  test('of an environment on the command line ignores the tier of the job’s own', async () => {
    const env = { CI_ENVIRONMENT_NAME: 'production', CI_ENVIRONMENT_TIER: 'production' };
    expect(await appOf(env, 'staging')).toBe('shop-staging');
  });

  test('is the same for every ref, also with a name that had to be changed', async () => {
    const production = { ...webShop, CI_ENVIRONMENT_NAME: 'production' };
    const tags = ['v1.0.0', 'v1.1.0'].map((tag) => ({ CI_COMMIT_TAG: tag, CI_COMMIT_REF_NAME: tag }));
    const [first, second] = await Promise.all(tags.map((tag) => appOf({ ...production, ...tag })));
    expect(first).toMatch(/^web-shop-[0-9a-f]{8}$/);
    expect(second).toBe(first);
  });

  test('with a name that had to be changed follows the project’s id, and differs by environment', async () => {
    const production = { ...webShop, CI_ENVIRONMENT_NAME: 'production' };
    const names = await Promise.all([
      appOf(production),
      appOf({ ...production, CI_PROJECT_PATH: 'moved/Web_Shop' }),
      appOf({ ...production, CI_PROJECT_ID: '43' }),
      appOf({ ...webShop, CI_ENVIRONMENT_NAME: 'eu/a' }),
      appOf({ ...webShop, CI_ENVIRONMENT_NAME: 'eu-a' }),
    ]);
    expect(names[1]).toBe(names[0]);
    expect(new Set(names).size).toBe(4);
    expect(names.every((name) => name.length <= 40)).toBe(true);
  });
});

test.each(['shop.example.com', 'web_shop'])('the chosen app %s is used as it is', async (app) => {
  expect((await contextOf({ command: 'deploy', flags: { app } })).app).toBe(app);
});

test.each(['Shop', '--force', 'a b'])('the chosen app %j is refused', async (app) => {
  await expect(contextOf({ command: 'deploy', flags: { app } })).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining(`app name: ${JSON.stringify(app)} may have only`),
  });
});
