import type { Context } from '../context/context.ts';
import { chooseRelease, findScriptsSince, type ReleaseChoice, type ScriptsSince } from './choose-release.ts';
import { describeUnreadableReleases, readReleases } from './deploy-record.ts';
import { checkOwner } from './environment-owner.ts';
import { type HostState, runningVersion } from './host-state.ts';
import { refuseLostConfig } from './lost-config.ts';
import { missingAppError } from './missing-app.ts';
import type { Plan, StepShipment } from './plan.ts';
import { planReleaseSteps } from './release-steps.ts';
import { canReturnTo, type Release } from './releases.ts';

/**
 * Returns the plan of `rollback`: the host builds an earlier release again, from what it still has. Nothing else changes: neither
 * the app's configuration nor its services.
 *
 * Throws `release-not-found`, `app-not-ours`, and `host-refused` for a missing app and for one that has lost its configuration.
 */
export function planRollback(context: Context, hostState: HostState): Plan {
  const { app = 'absent', revision, isBuilding = false } = hostState;
  if (app === 'absent') throw missingAppError(context);
  refuseLostConfig(context, hostState);
  const notes = checkOwner(context, app);
  const releases = readReleases(context.app, app.config);
  const { attempted } = runningVersion(hostState);
  const wanted = context.release;
  const choice = chooseRelease(releases, {
    ...{ app: context.app, revision, attempted },
    ...{ isBuilding, wanted, buildingImage: findBuildingImage(hostState) },
  });
  const { target } = choice;
  const since = findScriptsSince(releases, choice);
  return {
    version: 1,
    command: context.environment ? `rollback ${context.environment}` : 'rollback',
    app: context.app,
    host: undefined,
    steps: planReleaseSteps(context, hostState, {
      title: `Roll ${context.app} back to ${target.commit.slice(0, 8)} (release ${target.number})`,
      shipment: shipmentOf(target, hostState, context.app),
      commit: target.commit,
      committedAt: target.committedAt,
      origin: { kind: 'rollback', to: target.number },
      releases: wanted === undefined ? releases.filter(canReturnTo) : undefined,
    }),
    notes: [...context.notes, ...notes, costNote, ...describeNoScripts(since)],
    warnings: [
      describeWay(context.app, choice, hostState),
      ...describeScripts(since),
      ...describeUnreadableReleases(context.app, app.config),
    ],
    services: [],
  };
}

const costNote =
  'Dokku keeps no old image: the host builds the release again, which takes as long as a deploy';

/**
 * Returns the image that a running build may be of. After a failed deploy of an image, Dokku still names it while a commit is
 * pushed: then GIT_REV names that commit, and the branch does not.
 */
function findBuildingImage(hostState: HostState): string | undefined {
  const { branchRevision, sourceImage } = hostState;
  const { attempted, record } = runningVersion(hostState);
  const isPushed = attempted !== branchRevision && attempted !== record?.revision;
  return isPushed ? undefined : sourceImage;
}

/** Returns what to send for a release that the app has had. */
export function shipmentOf(
  { image, revision }: Release,
  { folder }: Pick<HostState, 'folder'>,
  app: string,
): StepShipment {
  if (image !== undefined) return { kind: 'image', image };
  return {
    kind: 'sync',
    folder: folder ?? `/home/dokku/${app}`,
    revision: revision ?? '',
    isFetchable: true,
  };
}

function describeWay(
  app: string,
  { current, target }: ReleaseChoice,
  { revision, isBuilding }: HostState,
): string {
  if (current === target && isBuilding)
    return `a deploy of ${app} is running: only if it fails, ${describeRelease(target)} is built again`;
  if (current === target)
    return `${app} still runs ${describeRelease(target)}; it is built again unless nothing was tried since`;
  const from =
    current === undefined
      ? `${revision?.slice(0, 8) ?? 'an unknown version'}, which dokku-deploy did not record,`
      : describeRelease(current);
  return `this is a rollback: ${app} goes from ${from} to ${describeRelease(target)}`;
}

/** Formats a release in a sentence: `0123abcd (release 3, of 2026-01-02 03:04 UTC by Zoé)`. */
export function describeRelease({ number, commit, at, user }: Release): string {
  const when = at === undefined ? '' : `, of ${at.slice(0, 16).replace('T', ' ')} UTC`;
  return `${commit.slice(0, 8)} (release ${number}${when}${user === undefined ? '' : ` by ${user}`})`;
}

/** What a migration has changed stays, whatever code runs: the log must not hide that. */
function describeScripts({ ran, isComplete }: ScriptsSince): string[] {
  const names = ran.map(({ number, scripts }) => `${scripts.join(' and ')} of release ${number}`);
  if (names.length > 0) return [`scripts have run since, and are not undone: ${names.join(', ')}`];
  return isComplete ? [] : ['it is not known whether migrations have run since; they are not undone'];
}

function describeNoScripts({ ran, isComplete }: ScriptsSince): string[] {
  return ran.length === 0 && isComplete ? ['no script of app.json or the Procfile has run since'] : [];
}
