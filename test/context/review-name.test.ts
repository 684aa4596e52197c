import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const branch = (name: string): Record<string, string> => ({
  CI_COMMIT_REF_NAME: name,
  CI_COMMIT_REF_SLUG: name,
  CI_ENVIRONMENT_NAME: `review/${name}`,
  CI_PROJECT_ID: '42',
});

interface Query {
  readonly yml?: string;
  readonly env?: Record<string, string>;
  readonly app?: string;
}

const start = ({ yml, env = {}, app }: Query, name = 'fix') =>
  contextOf({
    env: { ...branch(name), ...env },
    flags: { app },
    ...(yml === undefined ? {} : { files: { yml } }),
  });

describe('the name of a review app', () => {
  test.each<[string, Query, string]>([
    ['DOKKU_APP of the project', { env: { DOKKU_APP: 'shop' } }, 'shop-fix'],
    ['DOKKU_APP with the branch in it', { env: { DOKKU_APP: 'rv-fix' } }, 'rv-fix'],
    ['a template without a variable', { yml: 'review: {name: demo}' }, 'demo-fix'],
    ['a template with a variable of the project', { yml: 'review: {name: $CI_PROJECT_NAME}' }, 'shop-fix'],
    ['a template with the branch', { yml: 'review: {name: x-$CI_COMMIT_REF_SLUG}' }, 'x-fix'],
    [
      'a template with the merge request',
      { yml: 'review: {name: mr-$CI_MERGE_REQUEST_IID}', env: { CI_MERGE_REQUEST_IID: '7' } },
      'mr-7',
    ],
    [
      'a template with the environment of the branch',
      { yml: 'review: {name: $CI_ENVIRONMENT_SLUG}', env: { CI_ENVIRONMENT_SLUG: 'review-fix-1a2b3c' } },
      'review-fix-1a2b3c',
    ],
    [
      'a template with an environment that all branches share',
      {
        yml: 'review: {name: $CI_ENVIRONMENT_SLUG}',
        env: { CI_ENVIRONMENT_NAME: 'review', CI_ENVIRONMENT_SLUG: 'review' },
      },
      'review-fix',
    ],
    [
      'a template with a variable that has the branch in it',
      { yml: 'review: {name: $NAME}', env: { NAME: 'rv-fix' } },
      'rv-fix',
    ],
  ])('with %s is one of its branch only', async (_, query, name) => {
    expect((await start(query)).app).toBe(name);
  });

  test.each<[string, Query]>([
    ['shop', {}],
    ['staging', { yml: 'review: {name: shop-$CI_COMMIT_REF_SLUG}' }],
    ['qa', { yml: 'review: {name: shop-$CI_COMMIT_REF_SLUG}\nenvironments: {qa: {}}' }],
    ['live', { yml: 'environments: {production: {app: live}}' }],
    ['eu', { yml: 'environments: {eu: {app: "$CI_ENVIRONMENT_NAME"}}' }],
    ['live', { yml: 'app: live' }],
    ['web', { yml: 'review: {name: "$CI_COMMIT_REF_SLUG"}', env: { DOKKU_APP: 'web' } }],
  ])('of the branch %s is never that of an app that deploy uses: %j', async (name, query) => {
    expect((await start(query, name)).app).toMatch(/^(shop-)?[a-z]+-[0-9a-f]{8}$/);
  });

  test.each<[Query, string]>([
    [{ app: 'shop' }, 'shop'],
    [{ app: 'web', env: { DOKKU_APP: 'web' } }, 'web'],
    [{ app: 'live', yml: 'environments: {production: {app: live}}' }, 'live'],
  ])('is refused if --app is that of an app that deploy uses: %j', async (query, name) => {
    await expect(start(query)).rejects.toMatchObject({
      code: 'configuration',
      message: `--app: ${name} is an app that deploy uses, so it cannot be a review app`,
    });
  });

  test('is taken from --app by review stop in any case: the marker of the app decides', async () => {
    const query = { command: 'review stop', env: branch('fix'), flags: { app: 'shop' } } as const;
    expect(await contextOf(query)).toMatchObject({ app: 'shop', formerNames: [] });
  });
});
