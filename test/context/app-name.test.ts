import { describe, expect, test } from 'vitest';
import { candidateAppNames } from '../../src/context/app-name.ts';
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

describe('the former names of a review app', () => {
  const long = 'feature-'.repeat(7);
  const env = { CI_COMMIT_REF_NAME: long, CI_COMMIT_REF_SLUG: long.slice(0, -1), CI_PROJECT_ID: '42' };

  test('include the one that version 1.0.0 made from the project’s path', async () => {
    const { app, formerNames } = await contextOf({ command: 'review stop', env });
    // Made by version 1.0.0 in the project group/shop.
    expect(formerNames).toContain('feature-feature-feature-feature-41fe664d');
    expect(formerNames).not.toContain(app);
  });

  test('do not change the name of a project that was renamed or moved', async () => {
    const moved = { ...env, CI_PROJECT_PATH: 'other/boutique', CI_PROJECT_NAME: 'boutique' };
    const [before, after] = await Promise.all([contextOf({ env }), contextOf({ env: moved })]);
    expect(after.app).toBe(before.app);
  });

  test('include DOKKU_APP and review.name, which version 1.0.0 used as they are', async () => {
    const files = { yml: 'review: {name: demo}' };
    expect((await contextOf({ env: { DOKKU_APP: 'web' } })).formerNames).toEqual(
      expect.arrayContaining(['web', 'feature-x']),
    );
    expect((await contextOf({ files })).formerNames).toContain('demo');
  });

  test('are valid, and none for an environment', async () => {
    const project = { id: '42', path: 'group/shop' };
    const names = candidateAppNames({ bases: ['Web_Shop', 'a.b', '', 'x'.repeat(63)], ref: 'r', project });
    expect(names.filter((name) => !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))).toEqual([]);
    expect((await contextOf({ command: 'deploy', env })).formerNames).toEqual([]);
  });
});
