import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import type { Project } from './context.ts';
import { type Resolver, resolveText } from './env-and-services.ts';
import type { Flags } from './flags.ts';
import { checkAppName, deriveAppName } from './name-rules.ts';
import { resolveRef, resolveRefSlug } from './ref.ts';
import type { Target } from './target.ts';

/** What an app's name can come from. */
export interface NameSources {
  readonly target: Target['target'];
  readonly flags: Flags;
  readonly jobInput: JobInput;
  /** The configuration file's templates: `review.name` and the environment's `app`. */
  readonly templates: { readonly review: string | undefined; readonly environment: string | undefined };
}

const missingRefProblem: Problem = {
  where: 'CI_COMMIT_REF_NAME',
  message: 'not set, and no branch is checked out in this folder',
  remedy: 'Outside GitLab, check out a branch, or set CI_COMMIT_REF_NAME.',
};

/**
 * Returns the app's name from the first source that has one: the flag, the configuration file, DOKKU_APP, then the
 * branch (for a review app) or the project (for an environment). Adds a problem for an invalid name.
 */
export function resolveAppName(sources: NameSources, resolver: Resolver): string {
  const { problems } = resolver;
  const { name, isExplicit } = chooseName(sources, resolver);
  const ref = resolveRef(sources.jobInput);
  if (ref === undefined && sources.target === 'review') problems.push(missingRefProblem);
  if (name === undefined) return '';
  if (!isExplicit)
    return deriveAppName(name, { ref: ref ?? '', project: resolveProject(sources.jobInput).path });
  const wrong = checkAppName(name);
  if (wrong) {
    problems.push({
      where: 'app name',
      message: `${quoteValue(name)} ${wrong}`,
      remedy: 'Choose another name.',
    });
  }
  return name;
}

interface NameChoice {
  readonly name: string | undefined;
  /** Whether someone chose exactly this name: it is then used as it is or refused, never changed. */
  readonly isExplicit: boolean;
}

function chooseName(sources: NameSources, resolver: Resolver): NameChoice {
  const { target, flags, jobInput, templates } = sources;
  const { DOKKU_APP: variable } = jobInput.variables;
  if (flags.app !== undefined) return { name: flags.app, isExplicit: true };
  if (target === 'review') {
    if (templates.review !== undefined) {
      return { name: resolveText(templates.review, 'review.name', resolver), isExplicit: false };
    }
    if (variable !== undefined) return { name: variable, isExplicit: true };
    return { name: resolveRefSlug(jobInput), isExplicit: false };
  }
  if (templates.environment !== undefined) {
    return { name: resolveText(templates.environment, 'app', resolver), isExplicit: true };
  }
  if (variable !== undefined) return { name: variable, isExplicit: true };
  const project = jobInput.variables.CI_PROJECT_NAME ?? resolveProject(jobInput).path.split('/').at(-1);
  return { name: project, isExplicit: false };
}

/** Returns the job's project; outside GitLab, the checkout's. */
export function resolveProject({ variables, checkout }: JobInput): Project {
  return {
    id: variables.CI_PROJECT_ID,
    path: variables.CI_PROJECT_PATH ?? checkout.project,
  };
}
