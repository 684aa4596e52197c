import type { Project } from '../context/context.ts';

/** The owner mark of an environment's app: which project deploys which environment to it. */
export interface Owner {
  /** The app that it was written for. */
  readonly app: string;
  readonly projectId: string | undefined;
  readonly project: string;
  /** Undefined if the job that wrote it named no environment. */
  readonly environment: string | undefined;
}

/** Formats an owner mark as a value of the app's configuration, in the URL form of a review app's marker. */
export function formatOwner({ app, projectId, project, environment }: Owner): string {
  return new URLSearchParams({
    format: 'v2',
    ...(projectId === undefined ? {} : { id: projectId }),
    project,
    ...(environment === undefined ? {} : { environment }),
    app,
  }).toString();
}

/**
 * Reads the owner mark of an app. Returns undefined for any value that `formatOwner` would not write for this app: of a
 * later format, written by hand, or copied from another app.
 */
export function parseOwner(value: string, app: string): Owner | undefined {
  const fields = new URLSearchParams(value);
  const owner = {
    app,
    projectId: fields.get('id') ?? undefined,
    project: fields.get('project') ?? '',
    environment: fields.get('environment') ?? undefined,
  };
  return formatOwner(owner) === value ? owner : undefined;
}

/** Returns the owner mark for an app that this job deploys; outside GitLab, the project's id is taken from the old mark. */
export function ownerOf(
  job: { readonly app: string; readonly project: Project; readonly environment: string | undefined },
  old: Owner | undefined,
): Owner {
  const { app, project, environment } = job;
  return { app, projectId: project.id ?? old?.projectId, project: project.path, environment };
}

/** Describes the owner of an environment's app, as the predicate of a sentence. */
export function describeOwner({ project, environment }: Owner): string {
  return environment === undefined
    ? `belongs to the project ${project}`
    : `belongs to the environment ${environment} of the project ${project}`;
}
