import type { JobInput } from '../environment/job-input.ts';
import { expandVariables } from './expansion.ts';
import { deriveAppName, slugify } from './name-rules.ts';
import { hashOwner, resolveProject } from './project.ts';
import type { Resolver } from './resolver.ts';
import type { Configuration } from './schema.ts';

/**
 * Returns the default app of an environment: `<project>` in production, and in a run without an environment;
 * `<project>-<environment>` in any other. It never depends on the ref: each release updates the same app.
 */
export function defaultEnvironmentApp(jobInput: JobInput, environment: string | undefined): string {
  const project = resolveProjectName(jobInput);
  const requested =
    environment === undefined || isProduction(jobInput, environment) ? project : `${project}-${environment}`;
  return deriveAppName(requested, [environment ?? '', hashOwner(resolveProject(jobInput))]);
}

function resolveProjectName(jobInput: JobInput): string {
  return jobInput.variables.CI_PROJECT_NAME ?? resolveProject(jobInput).path.split('/').at(-1) ?? '';
}

/** GitLab sets the tier of the job's own environment, from its `deployment_tier` or its name. */
function isProduction({ variables }: JobInput, environment: string): boolean {
  const { CI_ENVIRONMENT_NAME: own, CI_ENVIRONMENT_TIER: tier } = variables;
  return tier !== undefined && own === environment
    ? tier === 'production'
    : environment.toLowerCase() === 'production';
}

// The names of GitLab's tiers: environments that a project may well have without declaring them in the file.
const commonEnvironments = ['production', 'staging', 'testing', 'development'];

/** Returns the app names that `deploy` uses, as far as this job can know them. None may become a review app's. */
export function listEnvironmentApps(
  configuration: Configuration,
  jobInput: JobInput,
  { env }: Pick<Resolver, 'env'>,
): ReadonlySet<string> {
  const environments = Object.entries(configuration.environments ?? {});
  const declared = environments.map(([name]) => name).filter((name) => !name.includes('*'));
  const defaults = [undefined, ...commonEnvironments, ...declared].map((name) =>
    defaultEnvironmentApp(jobInput, name),
  );
  const templates: [string | undefined, JobInput['env']][] = [
    [configuration.app, env],
    ...environments.map(([name, { app }]): [string | undefined, JobInput['env']] => [
      app,
      { ...env, CI_ENVIRONMENT_NAME: name, CI_ENVIRONMENT_SLUG: slugify(name) },
    ]),
  ];
  const chosen = templates.flatMap(([template, variables]) => {
    const { value, missing } = expandVariables(template ?? '', variables);
    return missing.length > 0 || value === '' ? [] : [value];
  });
  return new Set([...defaults, ...chosen]);
}
