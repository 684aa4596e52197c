import type { Variables } from '../environment/variables.ts';
import { Secret } from '../secret.ts';
import type { MergeRequestAccess } from './context.ts';
import type { Job } from './job-types.ts';
import type { Target } from './target.ts';

/** Reads the job's commit and pages, who started it, and what a merged results pipeline merges. */
export function readJob(variables: Variables): Job {
  return {
    commit: variables.CI_COMMIT_SHA,
    url: variables.CI_JOB_URL,
    pipelineUrl: variables.CI_PIPELINE_URL,
    projectUrl: variables.CI_PROJECT_URL,
    user: readUser(variables),
    autoStopIn: variables.DOKKU_DEPLOY_AUTO_STOP_IN,
    afterMerge: variables.DOKKU_DEPLOY_AFTER_MERGE,
    merged: readMergedResult(variables),
  };
}

/** On a laptop, only the system knows who runs the command. */
function readUser(variables: Variables): string | undefined {
  const { GITLAB_USER_NAME: name, GITLAB_USER_LOGIN: login, GITLAB_CI: gitlab, USER: user } = variables;
  return name ?? login ?? (gitlab === undefined ? user : undefined);
}

function readMergedResult(variables: Variables): Job['merged'] {
  const {
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: commit,
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: target = 'the target branch',
  } = variables;
  return commit === undefined ? undefined : { commit, target };
}

/**
 * Returns where the note about a review app goes. A merge request pipeline has the merge request's number and project;
 * for a fork's merge request, that isn't the job's project.
 */
export function resolveMergeRequest(
  variables: Variables,
  target: Target['target'],
): MergeRequestAccess | undefined {
  const server = resolveServer(variables);
  const iid = Number(variables.CI_MERGE_REQUEST_IID ?? Number.NaN);
  const isKnown = Number.isInteger(iid);
  const project = (isKnown && variables.CI_MERGE_REQUEST_PROJECT_ID) || variables.CI_PROJECT_ID;
  const branch = variables.CI_COMMIT_TAG === undefined ? variables.CI_COMMIT_REF_NAME : undefined;
  if (variables.GITLAB_CI === undefined || target === 'environment') return undefined;
  if (server === undefined || project === undefined || branch === undefined) return undefined;
  const { GITLAB_TOKEN: token } = variables;
  return {
    server,
    token: token === undefined ? undefined : new Secret('GITLAB_TOKEN', token.trim()),
    project,
    iid: isKnown ? iid : undefined,
    branch,
    job: /^\d{1,15}$/.test(variables.CI_JOB_ID ?? '') ? Number(variables.CI_JOB_ID) : undefined,
    isOpen: isKnown || variables.CI_OPEN_MERGE_REQUESTS !== undefined,
  };
}

/** A self-managed GitLab can be served under a path: https://example.com/gitlab. */
function resolveServer({ CI_API_V4_URL: api, CI_SERVER_URL: server }: Variables): string | undefined {
  const text = api?.replace(/\/api\/v4\/?$/, '') ?? server;
  const url = text === undefined ? undefined : URL.parse(text);
  return url && /^https?:$/.test(url.protocol)
    ? `${url.origin}${url.pathname}`.replace(/\/+$/, '')
    : undefined;
}

/** Returns a time in UTC; undefined for text that is not one. */
export function readTime(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
