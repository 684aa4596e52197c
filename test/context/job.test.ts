import { describe, expect, test } from 'vitest';
import { readJob, resolveMergeRequest } from '../../src/context/job.ts';
import { type CommandName, targets } from '../../src/context/target.ts';
import { readVariables } from '../../src/environment/variables.ts';

const branchJob = {
  GITLAB_CI: 'true',
  CI_API_V4_URL: 'https://gitlab.example.com/api/v4',
  CI_PROJECT_ID: '42',
  CI_COMMIT_REF_NAME: 'fix',
};

const accessOf = (env: Record<string, string>, command: CommandName = 'review start') =>
  resolveMergeRequest(readVariables(env), targets[command].target);

describe('the merge request of a review app', () => {
  test('has to be looked up in a branch pipeline', () => {
    expect(accessOf(branchJob)).toEqual({
      server: 'https://gitlab.example.com',
      token: undefined,
      project: '42',
      iid: undefined,
      branch: 'fix',
      isOpen: false,
    });
  });

  test('is known in its own pipeline, with the project that it is in', () => {
    const env = { ...branchJob, CI_MERGE_REQUEST_IID: '5', CI_MERGE_REQUEST_PROJECT_ID: '1' };
    expect(accessOf(env)).toMatchObject({ project: '1', iid: 5, isOpen: true });
  });

  test('is open if CI_OPEN_MERGE_REQUESTS is set', () => {
    const env = { ...branchJob, CI_OPEN_MERGE_REQUESTS: 'group/shop!5' };
    expect(accessOf(env)).toMatchObject({ project: '42', iid: undefined, isOpen: true });
  });

  test.each([
    ['https://example.com/gitlab/api/v4', undefined, 'https://example.com/gitlab'],
    ['https://example.com:8443/a/b/api/v4/', undefined, 'https://example.com:8443/a/b'],
    [undefined, 'https://example.com/gitlab', 'https://example.com/gitlab'],
  ])('can be in a GitLab that is served under a path: %s, %s', (api, server, expected) => {
    const env = {
      ...branchJob,
      CI_API_V4_URL: api ?? '',
      ...(server === undefined ? {} : { CI_SERVER_URL: server }),
    };
    expect(accessOf(env)?.server).toBe(expected);
  });

  test('has a token that prints as the name of its variable', () => {
    const token = accessOf({ ...branchJob, GITLAB_TOKEN: 'glpat-1 \n' })?.token;
    expect([String(token), token?.reveal()]).toEqual(['[GITLAB_TOKEN]', 'glpat-1']);
  });

  test.each<[string, Record<string, string>, CommandName]>([
    ['outside GitLab', { ...branchJob, GITLAB_CI: '' }, 'review start'],
    ['for a tag', { ...branchJob, CI_COMMIT_TAG: 'v1' }, 'review start'],
    ['for an environment', branchJob, 'deploy'],
    ['without the API’s URL', { ...branchJob, CI_API_V4_URL: '' }, 'review start'],
    ['with an invalid API URL', { ...branchJob, CI_API_V4_URL: 'gitlab' }, 'review start'],
  ])('is undefined %s', (_, env, command) => {
    expect(accessOf(env, command)).toBeUndefined();
  });
});

test('the user of the job is a name, else a login', () => {
  expect(readJob({ GITLAB_USER_LOGIN: 'zoe' }).user).toBe('zoe');
  expect(readJob({ GITLAB_USER_LOGIN: 'zoe', GITLAB_USER_NAME: 'Zoé' }).user).toBe('Zoé');
});

test('a merged results pipeline has the source branch’s commit and the target branch', () => {
  const env = {
    CI_COMMIT_SHA: 'of the merge',
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: 'of the branch',
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
  };
  expect(readJob(env).merged).toEqual({ commit: 'of the branch', target: 'main' });
  const others = readVariables({ ...env, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '' });
  expect(readJob(others).merged).toBeUndefined();
});
