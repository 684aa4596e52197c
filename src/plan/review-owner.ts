import type { Context } from '../context/context.ts';
import { type AppState, type HostState, isEnvironmentApp } from './host-state.ts';
import { isInternalKey, markerKey } from './keys.ts';
import { describeMarker, isOwnedBy, type Marker, parseMarker } from './marker.ts';
import { describeOwner } from './owner.ts';

/** Whether an app is the review app of this project and ref, whatever its name. */
export function isOwnReviewApp(
  context: Context,
  app: AppState | 'absent' | 'unreadable' | undefined,
): boolean {
  return typeof app === 'object' && describeForeignOwner(context, app) === undefined;
}

/**
 * Whether an app that was found by its marker is the review app of this project and ref. A marker that does not name its
 * app, as version 1.0.0 wrote it, may have been copied with `apps:clone`: it counts only on an app whose name this tool
 * may have chosen for the ref.
 */
export function isFoundReviewApp(context: Context, name: string, app: FoundApp): boolean {
  return isOwnReviewApp(context, app) && !hasUnnamedMarker(context, name, app);
}

/**
 * Whether an app has this project's and ref's marker, but one that may have been copied from another app: it names none, or
 * another one. The app may also be the review app, renamed by hand.
 */
export function hasDoubtfulMarker(context: Context, name: string, app: FoundApp): boolean {
  if (isOwnReviewApp(context, app)) return hasUnnamedMarker(context, name, app);
  const marker = readMarkerOfOther(name, app);
  return marker !== undefined && isOwnedBy(marker, context);
}

/** Whether an app has a marker that was written for another one. */
export function hasMarkerOfOther(name: string, app: FoundApp): boolean {
  return readMarkerOfOther(name, app) !== undefined;
}

function readMarkerOfOther(name: string, app: FoundApp): Marker | undefined {
  if (typeof app !== 'object' || isEnvironmentApp(app)) return undefined;
  const value = app.config.get(markerKey) ?? '';
  const named = new URLSearchParams(value).get('app') ?? name;
  return named === name ? undefined : parseMarker(value, named);
}

type FoundApp = AppState | 'absent' | 'unreadable';

function hasUnnamedMarker({ formerNames }: Context, name: string, app: FoundApp): boolean {
  return typeof app === 'object' && app.marker?.app === undefined && !formerNames.includes(name);
}

/**
 * Returns why an app is not the review app of this project and ref, as the predicate of a sentence; undefined if it is.
 * An app that `deploy` deploys to is never a review app, whatever its marker says.
 */
export function describeForeignOwner(context: Context, app: AppState): string | undefined {
  if (app.owner) return describeOwner(app.owner);
  if (isEnvironmentApp(app)) return 'belongs to an environment: dokku-deploy deploy deploys to it';
  if (app.marker) return isOwnedBy(app.marker, context) ? undefined : describeMarker(app.marker);
  if (app.config.has(markerKey)) return 'has a marker that was not written for it';
  return 'is not a review app: it has no marker of dokku-deploy';
}

/** Whether this tool has never written to an app: someone made it by hand, or another tool did. */
export function hasNoOwner({ config }: AppState): boolean {
  return ![...config.keys()].some(isInternalKey);
}

/** Describes what was set up on an app without a marker, as a further predicate; empty if nothing was. */
export function describeSettings({ findings = [] }: HostState): string {
  const settings = findings.flatMap((finding) => {
    if (finding.kind === 'set') return [finding.setting];
    return finding.kind === 'no-domain' ? ['no default domain'] : [];
  });
  return settings.length > 0 ? `, and has ${settings.join(', ')}` : '';
}
