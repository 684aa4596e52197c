import { DeployError } from '../errors.ts';
import { canReturnTo, findRunningRelease, hostRevision, type Release } from './releases.ts';

/** Where a rollback starts and where it goes. */
export interface ReleaseChoice {
  /** The release that runs; undefined if dokku-deploy did not record it. */
  readonly current: Release | undefined;
  readonly target: Release;
}

export interface ChoiceOptions {
  readonly app: string;
  /** What the host deployed last with success. */
  readonly revision: string | undefined;
  /** What it tried last, or tries now. */
  readonly attempted: string | undefined;
  /** Whether a build of the app is running. */
  readonly isBuilding: boolean;
  /** The image that a build which is running may be of. */
  readonly buildingImage: string | undefined;
  /** The number of a release, or the first digits of a commit; undefined for the previous release. */
  readonly wanted: string | undefined;
}

/**
 * Chooses the release to go back to. By default, it is the one before the last deploy. If that deploy failed, it is the one that still
 * runs; while the host builds an earlier one, it is that one; after a rollback, it is the one before that rollback's target, so that
 * each further rollback goes further back. If the list no longer has that target or an older release, it is the next older release of
 * another version.
 *
 * Throws `release-not-found`.
 */
export function chooseRelease(releases: readonly Release[], options: ChoiceOptions): ReleaseChoice {
  const { app, revision, wanted } = options;
  const current = findRunningRelease(releases, revision);
  const target =
    wanted === undefined ? findBefore(releases, options, current) : findWanted(releases, wanted, app);
  if (target !== undefined) return { current, target };
  const known = releases.filter(canReturnTo).map(({ number, commit }) => `${number} (${commit.slice(0, 8)})`);
  throw new DeployError('release-not-found', {
    message:
      wanted === undefined
        ? `There is no release of ${app} before the one that runs.`
        : `${app} has no release ${JSON.stringify(wanted)} that was deployed with success.`,
    remedy:
      known.length === 0
        ? 'Deploy the commit that you want: run its deploy job again, or use the environment’s Rollback button in GitLab.'
        : `Name another one with --to: ${known.join(', ')}. Or deploy any other commit: run its deploy job again.`,
  });
}

function findBefore(
  releases: readonly Release[],
  options: ChoiceOptions,
  current: Release | undefined,
): Release | undefined {
  const { revision, attempted, isBuilding } = options;
  if (current === undefined) return findUnrecorded(releases, revision) ?? findPrevious(releases, current);
  // Another job is going back. If it fails, what it leaves must not be built again.
  const inProgress = isBuilding ? findInProgress(releases, options, current) : undefined;
  if (inProgress !== undefined) return inProgress;
  const hasFailedSince = attempted !== undefined && attempted !== current.revision;
  return hasFailedSince && canReturnTo(current) ? current : findPrevious(releases, current);
}

/** Returns the earlier release that the host is building. Each deploy of an image gets a commit of its own, so its name counts, too. */
function findInProgress(
  releases: readonly Release[],
  { attempted, buildingImage }: ChoiceOptions,
  { number }: Release,
): Release | undefined {
  return releases.find(
    (release) =>
      canReturnTo(release) &&
      release.number < number &&
      (release.revision === attempted || (release.image !== undefined && release.image === buildingImage)),
  );
}

/**
 * Returns the release that runs although it is not the newest one: a rollback was killed before it could record that. Running it
 * again must not go back further.
 */
function findUnrecorded(releases: readonly Release[], revision: string | undefined): Release | undefined {
  return revision === undefined
    ? undefined
    : releases.find((release) => canReturnTo(release) && hostRevision(release) === revision);
}

function findPrevious(releases: readonly Release[], current: Release | undefined): Release | undefined {
  if (current === undefined) return releases.find(canReturnTo);
  const findBelow = (position: number) =>
    releases.find(
      (release) =>
        canReturnTo(release) && release.number < position && hostRevision(release) !== hostRevision(current),
    );
  const original = originalNumber(releases, current);
  const isListed = releases.some(({ number }) => number === original);
  return findBelow(original) ?? (isListed ? undefined : findBelow(current.number));
}

/**
 * Returns the number of the release that a rollback went back to, or the release's own. A rollback leads to an older one only, which
 * may have been dropped from the list.
 */
function originalNumber(releases: readonly Release[], { number, origin }: Release): number {
  if (origin.kind !== 'rollback' || origin.to >= number) return number;
  const original = releases.find((release) => release.number === origin.to);
  return original === undefined ? origin.to : originalNumber(releases, original);
}

const shortestId = 4;

function findWanted(releases: readonly Release[], wanted: string, app: string): Release | undefined {
  const candidates = releases.filter(canReturnTo);
  const numbered = candidates.find(({ number }) => String(number) === wanted);
  if (numbered !== undefined || wanted.length < shortestId) return numbered;
  const id = wanted.toLowerCase();
  const named = candidates.filter(
    ({ commit, revision }) => commit.startsWith(id) || revision?.startsWith(id),
  );
  if (new Set(named.map(({ commit }) => commit)).size !== 1) return undefined;
  if (new Set(named.map(hostRevision)).size > 1) throw ambiguousError(app, wanted, named);
  return named[0];
}

function ambiguousError(app: string, wanted: string, named: readonly Release[]): DeployError {
  return new DeployError('release-not-found', {
    message: `${app} has several releases ${JSON.stringify(wanted)}: one commit, but different files or images.`,
    remedy: `Name one by its number with --to: ${named.map(({ number }) => number).join(', ')}.`,
  });
}

/** What is known about the scripts that ran after a release: their names by release, and whether some may be missing. */
export interface ScriptsSince {
  readonly ran: readonly { readonly number: number; readonly scripts: readonly string[] }[];
  readonly isComplete: boolean;
}

/** Returns the scripts that ran after a release was deployed. */
export function findScriptsSince(
  releases: readonly Release[],
  { current, target }: ReleaseChoice,
): ScriptsSince {
  const original = originalNumber(releases, target);
  const since = releases.filter(({ number, origin }) => number > original && origin.kind !== 'rollback');
  const count = Math.max(0, ...releases.map(({ number }) => number)) - original;
  const listed = releases.filter(({ number }) => number > original).length;
  return {
    ran: since.flatMap(({ number, scripts = [] }) => (scripts.length > 0 ? [{ number, scripts }] : [])),
    isComplete:
      current !== undefined && count === listed && since.every(({ scripts }) => scripts !== undefined),
  };
}
