import type { Given } from '../environment/given.ts';
import { slugOf } from './naming.ts';

/** The job's variables as names and values are made of them: GitLab's of the branch do not tell a fork's from the project's. */
export function variablesFor(given: Given): Given['env'] {
  if (forkOf(given) === undefined) return given.env;
  return { ...given.env, CI_COMMIT_REF_NAME: refOf(given), CI_COMMIT_REF_SLUG: refSlugOf(given) };
}

/** The fork that a merge request comes from. A member may run its pipeline in the project that it is for. */
function forkOf({ variables }: Given): string | undefined {
  const { CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: source, CI_MERGE_REQUEST_PROJECT_PATH: target } = variables;
  return target === undefined || source === target ? undefined : source;
}

/** The same as a host name: GitLab's own slug, except for a fork's merge request. */
export function refSlugOf(given: Given): string | undefined {
  const ref = refOf(given);
  const slug = forkOf(given) === undefined ? given.variables.CI_COMMIT_REF_SLUG : undefined;
  return slug ?? (ref === undefined ? undefined : slugOf(ref));
}

/**
 * The branch or tag of the run; of a fork's merge request with the fork's path before it (`someone/shop:fix`; no branch
 * has a colon in its name): a branch of the same name in the project itself is another one, with an app of its own.
 */
export function refOf(given: Given): string | undefined {
  const { variables, checkout } = given;
  const ref = variables.CI_COMMIT_REF_NAME ?? variables.CI_COMMIT_TAG ?? checkout.branch;
  const fork = forkOf(given);
  return ref === undefined || fork === undefined ? ref : `${fork}:${ref}`;
}
