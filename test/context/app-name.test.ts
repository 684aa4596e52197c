import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

describe('the app name', () => {
  test.each([
    [
      'the flag',
      { flags: { app: 'typed' }, files: { yml: 'app: filed' }, env: { DOKKU_APP: 'set' } },
      'typed',
    ],
    [
      'the environment’s block',
      {
        files: { yml: 'app: filed\nenvironments: {staging: {app: "shop-$CI_ENVIRONMENT_NAME"}}' },
        env: { CI_ENVIRONMENT_NAME: 'staging' },
      },
      'shop-staging',
    ],
    ['the file', { files: { yml: 'app: filed' }, env: { DOKKU_APP: 'set' } }, 'filed'],
    ['the variable', { env: { DOKKU_APP: 'set' } }, 'set'],
    ['the project', {}, 'shop'],
  ] as const)('of a deploy comes from %s', async (_, asked, name) => {
    expect((await contextOf({ command: 'deploy', ...asked })).app).toBe(name);
  });

  test('of a review app follows its template', async () => {
    const files = { yml: 'review: {name: "shop-$CI_COMMIT_REF_SLUG"}' };
    expect((await contextOf({ files })).app).toBe('shop-feature-x');
    expect((await contextOf({ command: 'review stop', files })).app).toBe('shop-feature-x');
  });

  test('of a review stop is resolved even if the configuration file is broken', async () => {
    expect((await contextOf({ command: 'review stop', files: { yml: 'services: [' } })).app).toBe(
      'feature-x',
    );
  });
});
