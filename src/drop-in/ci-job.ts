import { type Env, type Found, findBranch, findCommit, findProject } from './ci-systems.ts';
import type { OfficialValues } from './official-variables.ts';

/** What a job is about. Undefined: this is read from the checkout. */
export interface CiJob {
  readonly branch: Found | undefined;
  readonly commit: Found | undefined;
}

/** Reads the branch and the commit of a job: from the variables of the official image, else from those of the CI system. */
export function readCiJob(env: Env, { CI_BRANCH_NAME, CI_COMMIT }: OfficialValues): CiJob {
  return {
    branch: CI_BRANCH_NAME ? { value: CI_BRANCH_NAME, from: 'CI_BRANCH_NAME' } : findBranch(env),
    commit: CI_COMMIT ? { value: CI_COMMIT, from: 'CI_COMMIT' } : findCommit(env),
  };
}

/** Returns GitLab's variables for the job, which this tool reads. */
export function ciVariables(env: Env, { branch, commit }: CiJob): Env {
  const isGitLabs = branch === undefined || branch.from === 'CI_COMMIT_REF_NAME';
  return {
    CI_COMMIT_SHA: commit?.value,
    CI_PROJECT_PATH: findProject(env)?.value,
    ...(isGitLabs ? {} : { CI_COMMIT_REF_NAME: branch.value, CI_COMMIT_REF_SLUG: undefined }),
  };
}
