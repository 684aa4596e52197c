import type { Given } from '../environment/given.ts';
import { echo, type Problem } from '../problems.ts';
import type { Project } from './context.ts';
import { type Settling, settle } from './env-and-services.ts';
import type { Flags } from './flags.ts';
import { appName, nameProblem } from './naming.ts';
import { refOf, refSlugOf } from './ref.ts';
import type { Target } from './target.ts';

/** Where the name of an app may come from. */
export interface NameSources {
  readonly target: Target['target'];
  readonly flags: Flags;
  readonly given: Given;
  /** The templates of the configuration file: `review.name`, and the environment's `app`. */
  readonly templates: { readonly review: string | undefined; readonly environment: string | undefined };
}

const noRef: Problem = {
  where: 'CI_COMMIT_REF_NAME',
  message: 'it is not set, and the folder has no branch checked out: which branch is this?',
  remedy: 'Outside of GitLab, check a branch out, or name the app with --app and set CI_COMMIT_REF_NAME.',
};

/**
 * The app's name from the first source that has one: the flag, the configuration file, DOKKU_APP, then the branch (a
 * review app) or the project (an environment). A problem is added for a name that no app may have.
 */
export function settleAppName(sources: NameSources, settling: Settling): string {
  const { problems } = settling;
  const { name, chosen } = wantedName(sources, settling);
  const ref = refOf(sources.given);
  if (ref === undefined && sources.target === 'review') problems.push(noRef);
  if (name === undefined) return '';
  if (!chosen) return appName(name, { ref: ref ?? '', project: projectOf(sources.given).path });
  const wrong = nameProblem(name);
  if (wrong) {
    problems.push({ where: 'the app’s name', message: `${echo(name)} ${wrong}`, remedy: 'Choose another.' });
  }
  return name;
}

interface WantedName {
  readonly name: string | undefined;
  /** Someone chose exactly this name: it is taken as it is or refused, never changed. */
  readonly chosen: boolean;
}

function wantedName(sources: NameSources, settling: Settling): WantedName {
  const { target, flags, given, templates } = sources;
  const { DOKKU_APP: ownApp } = given.variables;
  if (flags.app !== undefined) return { name: flags.app, chosen: true };
  if (target === 'review') {
    // A review app's name cannot come from what is the same for all branches.
    if (templates.review !== undefined) {
      return { name: settle(templates.review, 'review.name', settling), chosen: false };
    }
    if (ownApp !== undefined) return { name: ownApp, chosen: true };
    return { name: refSlugOf(given), chosen: false };
  }
  if (templates.environment !== undefined) {
    return { name: settle(templates.environment, 'app', settling), chosen: true };
  }
  if (ownApp !== undefined) return { name: ownApp, chosen: true };
  const project = given.variables.CI_PROJECT_NAME ?? projectOf(given).path.split('/').at(-1);
  return { name: project, chosen: false };
}

/** The project of the job, or of the checkout outside of GitLab. */
export function projectOf({ variables, checkout }: Given): Project {
  return {
    id: variables.CI_PROJECT_ID,
    path: variables.CI_PROJECT_PATH ?? checkout.project,
  };
}
