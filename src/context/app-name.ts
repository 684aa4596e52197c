import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import type { Project } from './context.ts';
import { defaultEnvironmentApp } from './environment-app.ts';
import type { Flags } from './flags.ts';
import { checkAppName, checkEnvironmentAppName, deriveAppName, hashAppName } from './name-rules.ts';
import { hashOwner, resolveProject } from './project.ts';
import { checkDefaultBranch, resolveRef } from './ref.ts';
import { type Resolver, resolveText } from './resolver.ts';
import { requestReviewName, reserveNames } from './review-name.ts';

/** What the name of an environment's app can come from. */
export interface EnvironmentAppSources {
  readonly flags: Flags;
  readonly jobInput: JobInput;
  readonly environment: string | undefined;
  /** `app` of the environment's block, else of the top level. */
  readonly template: string | undefined;
}

/**
 * Returns the name of an environment's app: the flag, the configuration file, DOKKU_APP, else the default. Adds a
 * problem for a name that no app can have.
 */
export function resolveEnvironmentApp(sources: EnvironmentAppSources, resolver: Resolver): string {
  const { flags, jobInput, environment, template } = sources;
  const chosen =
    flags.app ??
    (template === undefined ? jobInput.variables.DOKKU_APP : resolveText(template, 'app', resolver));
  if (chosen === undefined) return defaultEnvironmentApp(jobInput, environment);
  addNameProblem(chosen, checkEnvironmentAppName(chosen), resolver);
  return chosen;
}

function addNameProblem(name: string, wrong: string | undefined, { problems }: Resolver): void {
  if (wrong === undefined) return;
  problems.push({
    where: 'app name',
    message: `${quoteValue(name)} ${wrong}`,
    remedy: 'Choose another name.',
  });
}

/** What the name of a review app can come from. */
export interface ReviewAppSources {
  readonly flags: Flags;
  readonly jobInput: JobInput;
  /** `review.name` of the configuration file. */
  readonly template: string | undefined;
  /** The names that `deploy` uses: no review app gets one of them. */
  readonly environmentApps: ReadonlySet<string>;
  /** False for `review stop`, which accepts any name: the app's marker decides. */
  readonly creates: boolean;
}

/** The name of a review app, and the other names that it may have on the host. */
export interface ReviewAppNames {
  readonly app: string;
  /** Names that this or an earlier version may have given to the ref's app. */
  readonly formerNames: readonly string[];
}

/**
 * Returns the name of a ref's review app: the flag, `review.name`, DOKKU_APP with the ref, else the ref. Adds a problem
 * for a name that the app can't have.
 */
export function resolveReviewApp(sources: ReviewAppSources, resolver: Resolver): ReviewAppNames {
  const { flags, jobInput, template, creates } = sources;
  const ref = resolveRef(jobInput);
  if (ref === undefined) resolver.problems.push(missingRefProblem);
  if (creates) checkDefaultBranch(jobInput, flags, resolver.problems);
  const reserved = reserveNames(jobInput, sources.environmentApps);
  if (flags.app !== undefined) {
    checkFlag(flags.app, creates ? reserved : new Set(), resolver);
    return { app: flags.app, formerNames: [] };
  }
  const { name, bases } = requestReviewName({ jobInput, template, reserved }, resolver);
  const project = resolveProject(jobInput);
  const identity = [ref ?? '', hashOwner(project)];
  const derived = deriveAppName(name, identity);
  const app = reserved.has(derived) ? hashAppName(name, identity) : derived;
  const candidates = candidateAppNames({ bases: [name, ...bases], ref: ref ?? '', project });
  return { app, formerNames: candidates.filter((candidate) => candidate !== app) };
}

const missingRefProblem: Problem = {
  where: 'CI_COMMIT_REF_NAME',
  message: 'not set, and no branch is checked out in this folder',
  remedy: 'Outside GitLab, check out a branch, or set CI_COMMIT_REF_NAME.',
};

function checkFlag(name: string, reserved: ReadonlySet<string>, resolver: Resolver): void {
  addNameProblem(name, checkAppName(name), resolver);
  if (!reserved.has(name)) return;
  resolver.problems.push({
    where: '--app',
    message: `${name} is an app that deploy uses, so it cannot be a review app`,
    remedy: 'Choose another name, for example one with $CI_COMMIT_REF_SLUG in it.',
  });
}

/**
 * Returns every name that this tool may have given to a ref's review app, in this version and in earlier ones, whose
 * hash was made from the project's path instead of its id, and which used DOKKU_APP as it is. `bases` are the names
 * before they were made valid. An app of such a name is the ref's only if its marker says so.
 */
export function candidateAppNames({
  bases,
  ref,
  project,
}: {
  readonly bases: readonly string[];
  readonly ref: string;
  readonly project: Project;
}): string[] {
  const identities = [hashOwner(project), project.path].map((owner) => [ref, owner]);
  const names = bases.flatMap((base) => [
    ...(checkAppName(base) === undefined ? [base] : []),
    ...identities.flatMap((identity) => [deriveAppName(base, identity), hashAppName(base, identity)]),
  ]);
  return [...new Set(names)];
}
