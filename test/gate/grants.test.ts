import { describe, expect, test } from 'vitest';
import { deriveAppName } from '../../src/context/name-rules.ts';
import type { Identity } from '../../src/gate/identity.ts';
import { aPolicy, grantsOf, production } from '../support/gate.ts';

const appsOf = (more: Partial<Identity>, policy = aPolicy()): string[] => [
  ...grantsOf(more, policy).apps.keys(),
];

describe('the apps of a job', () => {
  test('are those that dokku-deploy names for its ref, which include names with a hash', () => {
    const apps = appsOf({ ref: 'feature/Ajout_2' });
    expect(apps[0]).toBe('feature-ajout-2');
    expect(apps).toContain(deriveAppName('feature-ajout-2x'.slice(0, -1), ['feature/Ajout_2', '42']));
    expect(apps.every((app) => app.startsWith('feature-ajout-2'))).toBe(true);
  });

  test.each([
    ['another project', { projectId: '99', projectPath: 'group/other' }],
    ['another project that has taken over the path', { projectId: '99' }],
    ['a token without a project id, where the policy names one', { projectId: undefined }],
    ['a merge request, whose branch may be one of a fork', { refKind: 'merge request' as const }],
  ])('are none for %s', (_, identity) => {
    expect(appsOf(identity)).toEqual([]);
  });

  test('have the name that review.name of the policy makes', () => {
    const policy = aPolicy(
      '\n  - {path: group/shop, id: 42, review: {refs: [my-*], name: "web-$CI_COMMIT_REF_SLUG"}}',
    );
    expect(appsOf({}, policy)[0]).toBe('web-my-branch');
    expect(appsOf({ ref: 'other' }, policy)).toEqual([]);
  });

  test('are never the app of an environment of any project, whatever the branch is called', () => {
    for (const ref of ['shop', 'shop-staging', 'blog', 'Blog', 'SHOP'])
      for (const app of appsOf({ ref })) expect(['shop', 'shop-staging', 'blog']).not.toContain(app);
  });

  test.each([
    ['staging', { ref: 'main', environment: 'staging' }, ['shop-staging']],
    ['staging from another branch', { ref: 'maintenance', environment: 'staging' }, []],
    ['staging from a merge request', { ref: 'main', refKind: 'merge request', environment: 'staging' }, []],
    ['staging from a tag named main', { ref: 'main', refKind: 'tag', environment: 'staging' }, []],
    ['production and what it is promoted from', production, ['shop-staging', 'shop']],
    ['production from an unprotected branch', { ...production, isProtected: false }, []],
    ['an environment that is not in the policy', { ref: 'main', environment: 'toString' }, []],
    ['no environment', { ref: 'main' }, []],
  ])('include that of %s only if the rule is met', (_, identity, expected) => {
    const { apps } = grantsOf(identity as Partial<Identity>);
    const environments = [...apps.values()].filter(({ kind }) => kind !== 'review');
    expect(environments.map(({ app }) => app)).toEqual(expected);
  });

  test.each(['any_ref', 'protected'])(
    'are none of an environment for a merge request, even with %s',
    (key) => {
      const policy = aPolicy(
        `\n  - {path: group/shop, id: 42, environments: {production: {app: shop, ${key}: true}}}`,
      );
      expect(appsOf(production, policy)).toEqual(['shop']);
      expect(appsOf({ ...production, refKind: 'merge request' }, policy)).toEqual([]);
    },
  );

  test.each([
    ['main', 'branch', true],
    ['release/1', 'branch', true],
    ['v1', 'branch', false],
    ['v1', 'tag', true],
    ['main', 'tag', false],
  ] as const)('of an environment with branches and tags: %s as a %s is %s', (ref, refKind, allowed) => {
    const blog = { projectId: '43', projectPath: 'group/blog', environment: 'production' };
    expect(appsOf({ ...blog, ref, refKind })).toEqual(allowed ? ['blog'] : []);
  });

  test('come with the reasons why there are not more', () => {
    expect(grantsOf({ ...production, isProtected: false }).refusals).toEqual([
      'production takes jobs of protected branches and tags only',
    ]);
  });
});
