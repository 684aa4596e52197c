import { describe, expect, test } from 'vitest';
import { resolveAllowOlder } from '../../src/context/older-commits.ts';
import type { Problem } from '../../src/problems.ts';

const allows = (variables: Parameters<typeof resolveAllowOlder>[0]['variables'], flag = false) => {
  const problems: Problem[] = [];
  return {
    allowed: resolveAllowOlder({ command: 'deploy', flags: { allowOlder: flag }, variables }, problems),
    problems,
  };
};

describe('an older commit', () => {
  test('is not allowed by default', () => {
    expect(allows({}).allowed).toBe(false);
  });

  test('is allowed by the flag', () => {
    expect(allows({}, true).allowed).toBe(true);
  });

  test.each([
    ['true', true],
    [' True ', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('with DOKKU_DEPLOY_ALLOW_OLDER=%s is allowed: %s', (text, allowed) => {
    expect(allows({ DOKKU_DEPLOY_ALLOW_OLDER: text })).toEqual({ allowed, problems: [] });
  });

  test('with a value that is neither true nor false is a problem', () => {
    expect(allows({ DOKKU_DEPLOY_ALLOW_OLDER: 'production' })).toMatchObject({
      allowed: false,
      problems: [{ where: 'DOKKU_DEPLOY_ALLOW_OLDER' }],
    });
  });

  test('is allowed in a GitLab job with an environment, where GitLab decides', () => {
    expect(allows({ GITLAB_CI: 'true', CI_ENVIRONMENT_NAME: 'production' }).allowed).toBe(true);
    expect(allows({ GITLAB_CI: 'true' }).allowed).toBe(false);
    expect(allows({ CI_ENVIRONMENT_NAME: 'production' }).allowed).toBe(false);
  });
});

test('a promotion of what runs elsewhere may undo a newer commit only on request, even in a job with an environment', () => {
  const variables = { GITLAB_CI: 'true', CI_ENVIRONMENT_NAME: 'production' };
  const allowsPromotion = (flags: Parameters<typeof resolveAllowOlder>[0]['flags']) =>
    resolveAllowOlder({ command: 'promote', flags, variables }, []);
  expect([{}, { allowOlder: true }, { commit: '0123abcd' }].map(allowsPromotion)).toEqual([
    false,
    true,
    true,
  ]);
});
