import type { Context } from '../context/context.ts';
import type { ServiceId } from '../dokku/services.ts';

/** The key of an app's configuration that says whose review app it is. */
export const markerKey = 'DOKKU_DEPLOY_REVIEW';

/** The key under which an environment's app names the services that were made for it. It lets nothing be destroyed. */
export const servicesKey = 'DOKKU_DEPLOY_SERVICES';

/** The key that holds the id of the job's commit, beside Dokku's GIT_REV (which is the snapshot's). */
export const commitKey = 'DOKKU_DEPLOY_COMMIT';

/** The key that holds when that commit was committed (ISO 8601, UTC): an environment does not go back unasked. */
export const committedAtKey = 'DOKKU_DEPLOY_COMMITTED_AT';

/** Whether a key is one by which this tool knows an app again: no setting of the user's. */
export function isInternalKey(key: string): boolean {
  return [markerKey, servicesKey, commitKey, committedAtKey].includes(key);
}

/** What a review app says of itself: who may change and destroy it, and what was made for it. */
export interface Marker {
  readonly projectId: string | undefined;
  readonly project: string;
  readonly ref: string;
  readonly environment: string | undefined;
  readonly services: readonly ServiceId[];
}

const markerFormat = 'v1';

/**
 * A marker as a value of the app's configuration. In URL form it has no quote, backslash, blank or line break, none of
 * which Dokku stores safely in all places, and an operator can still read it.
 */
export function formatMarker(marker: Marker): string {
  return new URLSearchParams({
    format: markerFormat,
    ...(marker.projectId === undefined ? {} : { id: marker.projectId }),
    project: marker.project,
    ref: marker.ref,
    ...(marker.environment === undefined ? {} : { environment: marker.environment }),
    services: formatServices(marker.services),
  }).toString();
}

/** `mysql:a,redis:b` */
export function formatServices(services: readonly ServiceId[]): string {
  return services.map(({ plugin, name }) => `${plugin}:${name}`).join(',');
}

/** Reads a marker; undefined for a value that is none (of a later format, or somebody else's). */
export function parseMarker(value: string): Marker | undefined {
  const fields = new URLSearchParams(value);
  const project = fields.get('project');
  const ref = fields.get('ref');
  if (fields.get('format') !== markerFormat || project === null || ref === null) return undefined;
  return {
    projectId: fields.get('id') ?? undefined,
    project,
    ref,
    environment: fields.get('environment') ?? undefined,
    services: parseServices(fields.get('services') ?? ''),
  };
}

/** The services of a list that `formatServices` made; what is not of its form is left out. */
export function parseServices(list: string): ServiceId[] {
  return list.split(',').flatMap((entry) => {
    const [, plugin, name] = /^([a-z]+):([A-Za-z0-9_-]+)$/.exec(entry) ?? [];
    return plugin && name ? [{ plugin, name }] : [];
  });
}

/**
 * Whether a marker is of this project and ref. Where both know GitLab's number of the project, it decides: a project
 * may be renamed or moved, and its review apps stay its own.
 */
export function isOwnedBy(marker: Marker, { project, ref }: Pick<Context, 'project' | 'ref'>): boolean {
  const isNumbered = marker.projectId !== undefined && project.id !== undefined;
  const isSameProject = isNumbered ? marker.projectId === project.id : marker.project === project.path;
  return isSameProject && marker.ref === ref;
}

/** Whose a review app is, said in a sentence's tail. */
export function describeOwner(marker: Marker): string {
  return `is the review app of ${marker.ref} in the project ${marker.project}`;
}
