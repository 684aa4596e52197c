import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import type { Project } from './context.ts';
import { type Resolver, resolveText } from './env-and-services.ts';
import type { Flags } from './flags.ts';
import { checkAppName, deriveAppName } from './name-rules.ts';
import { resolveRef, resolveRefSlug } from './ref.ts';
import type { Target } from './target.ts';

/** Where the name of an app may come from. */
export interface NameSources {
  readonly target: Target['target'];
  readonly flags: Flags;
  readonly jobInput: JobInput;
  /** The templates of the configuration file: `review.name`, and the environment's `app`. */
  readonly templates: { readonly review: string | undefined; readonly environment: string | undefined };
}

const missingRefProblem: Problem = {
  where: 'CI_COMMIT_REF_NAME',
  message: 'it is not set, and the folder has no branch checked out: which branch is this?',
  remedy: 'Outside of GitLab, check a branch out, or name the app with --app and set CI_COMMIT_REF_NAME.',
};

/**
 * The app's name from the first source that has one: the flag, the configuration file, DOKKU_APP, then the branch (a
 * review app) or the project (an environment). A problem is added for a name that no app may have.
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
      where: 'the app’s name',
      message: `${quoteValue(name)} ${wrong}`,
      remedy: 'Choose another.',
    });
  }
  return name;
}

interface NameChoice {
  readonly name: string | undefined;
  /** Someone chose exactly this name: it is taken as it is or refused, never changed. */
  readonly isExplicit: boolean;
}

function chooseName(sources: NameSources, resolver: Resolver): NameChoice {
  const { target, flags, jobInput, templates } = sources;
  const { DOKKU_APP: ownApp } = jobInput.variables;
  if (flags.app !== undefined) return { name: flags.app, isExplicit: true };
  if (target === 'review') {
    // A review app's name cannot come from what is the same for all branches.
    if (templates.review !== undefined) {
      return { name: resolveText(templates.review, 'review.name', resolver), isExplicit: false };
    }
    if (ownApp !== undefined) return { name: ownApp, isExplicit: true };
    return { name: resolveRefSlug(jobInput), isExplicit: false };
  }
  if (templates.environment !== undefined) {
    return { name: resolveText(templates.environment, 'app', resolver), isExplicit: true };
  }
  if (ownApp !== undefined) return { name: ownApp, isExplicit: true };
  const project = jobInput.variables.CI_PROJECT_NAME ?? resolveProject(jobInput).path.split('/').at(-1);
  return { name: project, isExplicit: false };
}

/** The project of the job, or of the checkout outside of GitLab. */
export function resolveProject({ variables, checkout }: JobInput): Project {
  return {
    id: variables.CI_PROJECT_ID,
    path: variables.CI_PROJECT_PATH ?? checkout.project,
  };
}
