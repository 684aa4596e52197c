import { describe, expect, test } from 'vitest';
import { findSkipReason } from '../../src/context/skip.ts';
import { readVariables } from '../../src/environment/variables.ts';

const reasonOf = (flags: Parameters<typeof findSkipReason>[0], env: Readonly<Record<string, string>>) =>
  findSkipReason(flags, readVariables(env));

const all = { skip: ['drafts', 'bots', 'forks'] } as const;
const request = {
  CI_MERGE_REQUEST_IID: '5',
  CI_MERGE_REQUEST_PROJECT_ID: '7',
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '7',
  CI_MERGE_REQUEST_TITLE: 'Say more about drafts',
  GITLAB_USER_LOGIN: 'zoe',
};

describe('--skip', () => {
  test.each([
    [{ CI_MERGE_REQUEST_DRAFT: 'true' }, 'the merge request is a draft (--skip drafts)'],
    [{ CI_MERGE_REQUEST_TITLE: 'Draft: x' }, 'the merge request is a draft (--skip drafts)'],
    [{ CI_MERGE_REQUEST_TITLE: '[DRAFT] x' }, 'the merge request is a draft (--skip drafts)'],
    [
      { GITLAB_USER_LOGIN: 'project_7_bot_0f3a' },
      'the pipeline is of the bot project_7_bot_0f3a (--skip bots)',
    ],
    [{ GITLAB_USER_LOGIN: 'renovate' }, 'the pipeline is of the bot renovate (--skip bots)'],
    [{ CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '8' }, 'the merge request is from a fork (--skip forks)'],
  ])('names the reason for %j', (more, reason) => {
    expect(reasonOf(all, { ...request, ...more })).toBe(reason);
  });

  test.each([
    request,
    // The variable of newer versions counts, not the title.
    { ...request, CI_MERGE_REQUEST_DRAFT: 'false', CI_MERGE_REQUEST_TITLE: 'Draft: x' },
    { ...request, GITLAB_USER_LOGIN: 'robotnik' },
    { CI_COMMIT_REF_NAME: 'fix' },
  ])('does not skip %j', (env) => {
    expect(reasonOf(all, env)).toBeUndefined();
  });

  test('skips only what it names', () => {
    expect(reasonOf({ skip: ['bots'] }, { ...request, CI_MERGE_REQUEST_DRAFT: 'true' })).toBeUndefined();
  });
});

describe('--only-label', () => {
  const only = { onlyLabel: 'review-app' };

  test.each(['review-app', 'bug,review-app', 'review-app, bug'])('finds the label in %j', (labels) => {
    expect(reasonOf(only, { ...request, CI_MERGE_REQUEST_LABELS: labels })).toBeUndefined();
  });

  test.each(['review-apps', 'no review-app', 'Review-App', ''])(
    'does not take %j for the label',
    (labels) => {
      expect(reasonOf(only, { ...request, CI_MERGE_REQUEST_LABELS: labels })).toBe(
        'the merge request does not have the label review-app (--only-label)',
      );
    },
  );

  test('skips a branch, which has no labels', () => {
    expect(reasonOf(only, {})).toContain('the pipeline is not a merge request’s');
  });
});
