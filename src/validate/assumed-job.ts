import { expandVariables } from '../context/expansion.ts';
import { slugify } from '../context/name-rules.ts';
import type { JobInput } from '../environment/job-input.ts';
import { readVariables } from '../environment/variables.ts';

/** The input of a job as validation imagines it. */
export interface AssumedJob {
  readonly jobInput: JobInput;
  /** The variables that have an assumed value, by name. */
  readonly assumed: ReadonlyMap<string, string>;
}

/**
 * Completes what is known here to the input of a job of this environment (or of a review app: undefined). `texts` are the
 * values of the configuration file. A variable in them that is not set, or empty, gets an assumed value; so do GitLab's
 * variables without which no job runs.
 */
export function assumeJob(
  jobInput: JobInput,
  { environment, texts }: { readonly environment: string | undefined; readonly texts: readonly string[] },
): AssumedJob {
  const set = Object.fromEntries(Object.entries(jobInput.env).filter(([name]) => !jobInput.empty.has(name)));
  const known = { ...listJobVariables(jobInput, environment), ...set, ...nameEnvironment(environment) };
  const missing = texts.flatMap((text) => expandVariables(text, known).missing);
  const assumed = new Map(
    missing.filter((name) => !toolVariables.has(name)).map((name) => [name, assumeValue(name)]),
  );
  const env = { ...jobInput.env, ...known, ...Object.fromEntries(assumed) };
  return { jobInput: { ...jobInput, env, variables: readVariables(env), empty: new Set() }, assumed };
}

/** What this tool itself puts into the values of the file: the context knows them. */
const toolVariables = new Set(['APP', 'APP_HOST', 'APP_URL', 'REF_SLUG', 'MR']);

function listJobVariables({ checkout }: JobInput, environment: string | undefined): Record<string, string> {
  const branch = checkout.branch ?? 'my-branch';
  return {
    CI_COMMIT_REF_NAME: branch,
    CI_COMMIT_REF_SLUG: slugify(branch),
    CI_PROJECT_NAME: checkout.project.split('/').at(-1) ?? 'project',
    CI_PROJECT_PATH: checkout.project,
    ...(environment === undefined ? { CI_ENVIRONMENT_NAME: `review/${branch}` } : {}),
  };
}

function nameEnvironment(environment: string | undefined): Record<string, string> {
  return environment === undefined
    ? {}
    : { CI_ENVIRONMENT_NAME: environment, CI_ENVIRONMENT_SLUG: slugify(environment) };
}

/** Different for each variable, so that no two of them are the same name, and not a part of anything else. */
function assumeValue(name: string): string {
  return `assumed-${name.toLowerCase().replaceAll('_', '-')}-value`;
}

/** Replaces assumed values in a text with the names of their variables. */
export function nameAssumedValues(text: string, assumed: AssumedJob['assumed']): string {
  return [...assumed].reduce((shown, [name, value]) => shown.replaceAll(value, `$${name}`), text);
}
