import { resolveReviewApp } from '../context/app-name.ts';
import { slugify } from '../context/name-rules.ts';
import type { JobInput } from '../environment/job-input.ts';
import { readVariables } from '../environment/variables.ts';
import type { Problem } from '../problems.ts';
import type { Identity } from './identity.ts';
import type { ReviewPolicy } from './policy-schema.ts';

/** Returns the names that this tool may give to the review app of a job's ref. `reserved`: those that none gets. */
export function nameReviewApps(
  path: string,
  { name: template }: ReviewPolicy,
  identity: Identity,
  reserved: ReadonlySet<string>,
): { readonly names: readonly string[]; readonly problems: readonly Problem[] } {
  const jobInput = toJobInput(identity, path);
  const problems: Problem[] = [];
  const resolver = { env: jobInput.env, vault: new Map(), problems, path: 'the policy' };
  const sources = { flags: {}, jobInput, template, environmentApps: reserved, creates: false };
  const { app, formerNames } = resolveReviewApp(sources, resolver);
  return { names: [app, ...formerNames], problems };
}

/** The variables that GitLab would give to the job, as far as they decide about a name. */
function toJobInput({ projectId, projectPath, ref, environment }: Identity, path: string): JobInput {
  const env: Record<string, string | undefined> = {
    CI_PROJECT_ID: projectId,
    CI_PROJECT_PATH: projectPath,
    CI_PROJECT_NAME: projectPath.split('/').at(-1),
    CI_PROJECT_PATH_SLUG: slugify(projectPath),
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_REF_SLUG: slugify(ref),
    CI_ENVIRONMENT_NAME: environment,
  };
  return {
    variables: readVariables(env),
    contents: {},
    env,
    empty: new Set(),
    folder: '/',
    checkout: { branch: undefined, project: path },
    configuration: undefined,
    unreadable: [],
    appFiles: new Map(),
    readFile: async (path) => ({ path, reason: 'no such file' }),
    now: 0,
  };
}
