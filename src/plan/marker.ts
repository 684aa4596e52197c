import type { Context } from '../context/context.ts';
import type { ServiceId } from '../dokku/services.ts';

/** The configuration key that records the project and branch of a review app. */
export const markerKey = 'DOKKU_DEPLOY_REVIEW';

/** The configuration key that lists the services made for an environment's app. It never permits destroying anything. */
export const servicesKey = 'DOKKU_DEPLOY_SERVICES';

/** The configuration key for the job's commit; Dokku's own GIT_REV holds the snapshot's id. */
export const commitKey = 'DOKKU_DEPLOY_COMMIT';

/** The configuration key for that commit's date (ISO 8601, UTC), by which an older commit is recognized. */
export const committedAtKey = 'DOKKU_DEPLOY_COMMITTED_AT';

/** Whether this tool keeps its own records under the key; all others are the user's settings. */
export function isInternalKey(key: string): boolean {
  return [markerKey, servicesKey, commitKey, committedAtKey].includes(key);
}

/** The marker of a review app: who may change and destroy it, and which services were made for it. */
export interface Marker {
  readonly projectId: string | undefined;
  readonly project: string;
  readonly ref: string;
  readonly environment: string | undefined;
  readonly services: readonly ServiceId[];
}

const markerFormat = 'v1';

/**
 * Formats a marker as a value of the app's configuration. In URL form it contains no quote, backslash, space or line
 * break, none of which Dokku stores safely in all places, and an operator can still read it.
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

/** Reads a marker; returns undefined for any other value (a later format, or another tool's). */
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

/** Reads a list that `formatServices` wrote; entries of another form are ignored. */
export function parseServices(list: string): ServiceId[] {
  return list.split(',').flatMap((entry) => {
    const [, plugin, name] = /^([a-z]+):([A-Za-z0-9_-]+)$/.exec(entry) ?? [];
    return plugin && name ? [{ plugin, name }] : [];
  });
}

/**
 * Whether a marker belongs to this project and ref. GitLab's project id decides where both sides have one, so a renamed
 * or moved project keeps its review apps.
 */
export function isOwnedBy(marker: Marker, { project, ref }: Pick<Context, 'project' | 'ref'>): boolean {
  const haveIds = marker.projectId !== undefined && project.id !== undefined;
  const isSameProject = haveIds ? marker.projectId === project.id : marker.project === project.path;
  return isSameProject && marker.ref === ref;
}

/** Describes the owner of a review app, as the predicate of a sentence. */
export function describeOwner(marker: Marker): string {
  return `is the review app of ${marker.ref} in the project ${marker.project}`;
}
