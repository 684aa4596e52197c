import type { JobInput } from '../environment/job-input.ts';
import { slugify } from './name-rules.ts';

/** The job's variables as names and values are made of them: GitLab's of the branch do not tell a fork's from the project's. */
export function buildTemplateEnv(jobInput: JobInput): JobInput['env'] {
  if (findFork(jobInput) === undefined) return jobInput.env;
  return {
    ...jobInput.env,
    CI_COMMIT_REF_NAME: resolveRef(jobInput),
    CI_COMMIT_REF_SLUG: resolveRefSlug(jobInput),
  };
}

/** The fork that a merge request comes from. A member may run its pipeline in the project that it is for. */
function findFork({ variables }: JobInput): string | undefined {
  const { CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: source, CI_MERGE_REQUEST_PROJECT_PATH: target } = variables;
  return target === undefined || source === target ? undefined : source;
}

/** The same as a host name: GitLab's own slug, except for a fork's merge request. */
export function resolveRefSlug(jobInput: JobInput): string | undefined {
  const ref = resolveRef(jobInput);
  const slug = findFork(jobInput) === undefined ? jobInput.variables.CI_COMMIT_REF_SLUG : undefined;
  return slug ?? (ref === undefined ? undefined : slugify(ref));
}

/**
 * The branch or tag of the run; of a fork's merge request with the fork's path before it (`someone/shop:fix`; no branch
 * has a colon in its name): a branch of the same name in the project itself is another one, with an app of its own.
 */
export function resolveRef(jobInput: JobInput): string | undefined {
  const { variables, checkout } = jobInput;
  const ref = variables.CI_COMMIT_REF_NAME ?? variables.CI_COMMIT_TAG ?? checkout.branch;
  const fork = findFork(jobInput);
  return ref === undefined || fork === undefined ? ref : `${fork}:${ref}`;
}
