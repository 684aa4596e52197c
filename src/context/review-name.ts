import type { JobInput } from '../environment/job-input.ts';
import { expandVariables } from './expansion.ts';
import { resolveRef, resolveRefSlug } from './ref.ts';
import { type Resolver, resolveText } from './resolver.ts';

/** The name asked for a review app, before it is made valid, and the names that earlier versions started from. */
export interface RequestedReviewName {
  readonly name: string;
  readonly bases: readonly string[];
}

/** What the name of a review app is made from. */
interface ReviewNameSources {
  readonly jobInput: JobInput;
  readonly template: string | undefined;
  readonly reserved: ReadonlySet<string>;
}

/**
 * Returns the names that no review app gets: those of the environments' apps, and DOKKU_APP unless it was set for the
 * ref's review app, which shows by the ref's slug in it.
 */
export function reserveNames(jobInput: JobInput, environmentApps: ReadonlySet<string>): ReadonlySet<string> {
  const { DOKKU_APP: variable } = jobInput.variables;
  return variable === undefined || containsPart(variable, resolveRefSlug(jobInput))
    ? environmentApps
    : new Set([...environmentApps, variable]);
}

/**
 * Returns the name asked for a ref's review app: `review.name`, else DOKKU_APP, else the ref's slug. One that all
 * branches would share gets the slug appended.
 */
export function requestReviewName(sources: ReviewNameSources, resolver: Resolver): RequestedReviewName {
  const { jobInput, template, reserved } = sources;
  const slug = resolveRefSlug(jobInput) ?? '';
  const { DOKKU_APP: variable } = jobInput.variables;
  if (template !== undefined) {
    const base = resolveText(template, 'review.name', resolver);
    const varies = usesBranch(template, jobInput, resolver) || containsPart(base, slug);
    return { name: varies ? base : `${base}-${slug}`, bases: [base] };
  }
  if (variable !== undefined) {
    const varies = containsPart(variable, slug) && !reserved.has(variable);
    return { name: varies ? variable : `${variable}-${slug}`, bases: [variable, slug] };
  }
  return { name: slug, bases: [] };
}

// Variables of GitLab that differ from branch to branch, and stay the same on one.
const branchVariables = new Set([
  'CI_COMMIT_REF_SLUG',
  'CI_COMMIT_REF_NAME',
  'CI_COMMIT_BRANCH',
  'CI_COMMIT_TAG',
  'CI_BUILD_REF_SLUG',
  'CI_BUILD_REF_NAME',
  'CI_BUILD_TAG',
  'CI_MERGE_REQUEST_IID',
  'CI_MERGE_REQUEST_ID',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
]);

/** Whether a template contains a variable that differs from branch to branch. */
function usesBranch(template: string, jobInput: JobInput, { env }: Resolver): boolean {
  const { used } = expandVariables(template, env);
  const ofEnvironment = ['CI_ENVIRONMENT_NAME', 'CI_ENVIRONMENT_SLUG'];
  return used.some(
    (name) => branchVariables.has(name) || (ofEnvironment.includes(name) && isBranchEnvironment(jobInput)),
  );
}

/** Whether the job's environment has the branch in its name, as `review/$CI_COMMIT_REF_SLUG` has. */
function isBranchEnvironment(jobInput: JobInput): boolean {
  const { CI_ENVIRONMENT_NAME: environment = '', CI_MERGE_REQUEST_IID: iid } = jobInput.variables;
  return [resolveRef(jobInput), resolveRefSlug(jobInput), iid].some((part) =>
    containsPart(environment, part),
  );
}

/** Whether a name contains a part between dashes or other separators, and more than that part. */
function containsPart(name: string, part = ''): boolean {
  const [whole, inner] = [name, part].map((text) => text.toLowerCase().replace(/[^a-z0-9]/g, '-'));
  return part !== '' && whole !== inner && `-${whole}-`.includes(`-${inner}-`);
}
