import type { Context, Project } from '../context/context.ts';
import type { ServiceId } from '../dokku/services.ts';

/** The marker of a review app: who may change and destroy it, and which services were made for it. */
export interface Marker {
  /** The app it was written for; undefined in a marker of format v1, which versions before 1.1 wrote. */
  readonly app: string | undefined;
  readonly projectId: string | undefined;
  readonly project: string;
  readonly ref: string;
  readonly environment: string | undefined;
  readonly services: readonly ServiceId[];
}

/**
 * Formats a marker as a value of the app's configuration. In URL form it contains no quote, backslash, space or line
 * break, none of which Dokku stores safely in all places, and an operator can still read it.
 */
export function formatMarker({ app, projectId, project, ref, environment, services }: Marker): string {
  return new URLSearchParams({
    format: app === undefined ? 'v1' : 'v2',
    ...(projectId === undefined ? {} : { id: projectId }),
    project,
    ref,
    ...(environment === undefined ? {} : { environment }),
    ...(app === undefined ? {} : { app }),
    services: formatServices(services),
  }).toString();
}

/** `mysql:a,redis:b` */
export function formatServices(services: readonly ServiceId[]): string {
  return services.map(({ plugin, name }) => `${plugin}:${name}`).join(',');
}

/**
 * Reads the marker of an app. Returns undefined for any value that `formatMarker` would not write for this app: of a later
 * format, written by hand, or copied from another app.
 */
export function parseMarker(value: string, app: string): Marker | undefined {
  const fields = new URLSearchParams(value);
  const marker = {
    app: fields.get('app') ?? undefined,
    projectId: fields.get('id') ?? undefined,
    project: fields.get('project') ?? '',
    ref: fields.get('ref') ?? '',
    environment: fields.get('environment') ?? undefined,
    services: parseServices(fields.get('services') ?? ''),
  };
  if (marker.app !== undefined && marker.app !== app) return undefined;
  return formatMarker(marker) === value ? marker : undefined;
}

/** Reads a list that `formatServices` wrote; entries of another form are ignored. */
export function parseServices(list: string): ServiceId[] {
  return list.split(',').flatMap((entry) => {
    const [, plugin, name] = /^([a-z]+):([A-Za-z0-9_-]+)$/.exec(entry) ?? [];
    return plugin && name ? [{ plugin, name }] : [];
  });
}

/** Whether a marker belongs to this project and ref. */
export function isOwnedBy(marker: Marker, { project, ref }: Pick<Context, 'project' | 'ref'>): boolean {
  return isSameProject(marker, project) && marker.ref === ref;
}

/**
 * Whether a mark names this project. GitLab's project id decides where both sides have one, so a renamed or moved project
 * keeps its apps.
 */
export function isSameProject(
  mark: { readonly projectId: string | undefined; readonly project: string },
  project: Project,
): boolean {
  return mark.projectId !== undefined && project.id !== undefined
    ? mark.projectId === project.id
    : mark.project === project.path;
}

/** Describes the owner of a review app, as the predicate of a sentence. */
export function describeMarker(marker: Marker): string {
  return `is the review app of ${marker.ref} in the project ${marker.project}`;
}
