import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import type { Flags } from './flags.ts';
import { slugify } from './name-rules.ts';

/** Returns the job's variables for names and values. For a fork's merge request, those of the branch name the fork too. */
export function buildTemplateEnv(jobInput: JobInput): JobInput['env'] {
  if (findFork(jobInput) === undefined) return jobInput.env;
  return {
    ...jobInput.env,
    CI_COMMIT_REF_NAME: resolveRef(jobInput),
    CI_COMMIT_REF_SLUG: resolveRefSlug(jobInput),
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: resolveRef(jobInput),
  };
}

/** Returns the fork that a merge request comes from: a member can run its pipeline in the target project. */
function findFork({ variables }: JobInput): string | undefined {
  const { CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: source, CI_MERGE_REQUEST_PROJECT_PATH: target } = variables;
  return target === undefined || source === target ? undefined : source;
}

/** Returns the ref as part of a host name: GitLab's own slug, except for a fork's merge request. */
export function resolveRefSlug(jobInput: JobInput): string | undefined {
  const ref = resolveRef(jobInput);
  const slug = findFork(jobInput) === undefined ? jobInput.variables.CI_COMMIT_REF_SLUG : undefined;
  return slug ?? (ref === undefined ? undefined : slugify(ref));
}

/**
 * Returns the branch or tag of the run. For a fork's merge request it begins with the fork's path (`someone/shop:fix`;
 * git allows no colon in a branch's name): the project's own branch of that name is another one, with its own app.
 */
export function resolveRef(jobInput: JobInput): string | undefined {
  const { variables, checkout } = jobInput;
  const ref = variables.CI_COMMIT_REF_NAME ?? variables.CI_COMMIT_TAG ?? checkout.branch;
  const fork = findFork(jobInput);
  return ref === undefined || fork === undefined ? ref : `${fork}:${ref}`;
}

/** Adds a problem for a review app of the default branch: `deploy` ships that one, and a review app is removed some day. */
export function checkDefaultBranch(jobInput: JobInput, flags: Flags, problems: Problem[]): void {
  const { CI_DEFAULT_BRANCH: defaultBranch, CI_COMMIT_TAG: tag } = jobInput.variables;
  const ref = resolveRef(jobInput);
  if (flags.allowDefaultBranch || tag !== undefined || ref === undefined || ref !== defaultBranch) return;
  problems.push({
    where: 'CI_COMMIT_REF_NAME',
    message: `${quoteValue(ref)} is the project’s default branch, which gets no review app`,
    remedy: 'Exclude it in the rules of the job and use dokku-deploy deploy, or pass --allow-default-branch.',
  });
}
