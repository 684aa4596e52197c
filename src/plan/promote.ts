import type { Context, Promotion } from '../context/context.ts';
import { isLoadedImage } from '../dokku/images.ts';
import { DeployError } from '../errors.ts';
import { describeUnreadableReleases } from './deploy-record.ts';
import { checkOwner } from './environment-owner.ts';
import { type HostState, runningVersion } from './host-state.ts';
import { refuseLostConfig } from './lost-config.ts';
import { missingAppError } from './missing-app.ts';
import type { Plan, StepShipment } from './plan.ts';
import { findPromoted, type PromotedRelease } from './promoted-release.ts';
import { planReleaseSteps } from './release-steps.ts';

/**
 * Returns the plan of `promote`: the host builds for one app what another one runs. Neither app's configuration, services, domains
 * nor scale change.
 *
 * Throws `not-promotable`, `app-not-ours`, `older-commit`, `busy`, and `host-refused` for a missing app and for one that has lost its configuration.
 */
export function planPromote(context: Context, hostState: HostState): Plan {
  const { app = 'absent', from = {} } = hostState;
  const { promotion } = context;
  if (!promotion) throw new Error('only a promotion has something to promote');
  if (app === 'absent') throw missingAppError(context);
  refuseLostConfig(context, hostState);
  const notes = checkOwner(context, app);
  if (typeof from.app === 'object') checkSource(context, promotion, from.app);
  const promoted = findPromoted(context, hostState);
  refuseOlder(context, hostState, promoted);
  refuseImageOfOtherHost(context, promotion, promoted);
  const commit = promoted.commit.slice(0, 8);
  return {
    version: 1,
    command: `promote ${promotion.environment} ${context.environment ?? context.app}`,
    app: context.app,
    host: undefined,
    steps: planReleaseSteps(context, hostState, {
      title: `Promote ${commit} from ${promotion.app} to ${context.app}`,
      shipment: shipmentOf(context, hostState, promoted),
      commit: promoted.commit,
      committedAt: promoted.committedAt,
      origin: { kind: 'promote', from: promotion.app },
    }),
    notes: [
      ...context.notes,
      ...notes,
      describeChange(context, hostState, promoted),
      ...describeAdded(hostState),
    ],
    warnings: [
      ...(hostState.order === 'older'
        ? [`this is a rollback: ${describeOlder(context, hostState, promoted)}`]
        : []),
      ...describeUnreadableReleases(context.app, app.config),
    ],
    services: [],
  };
}

/** Only an app of the same project and the named environment may be promoted from; one that was made by hand has no owner. */
function checkSource(
  context: Context,
  { environment, app }: Promotion,
  state: Parameters<typeof checkOwner>[1],
): void {
  checkOwner({ ...context, app, environment, takeOver: false }, state);
}

function refuseOlder(context: Context, hostState: HostState, promoted: PromotedRelease): void {
  if (hostState.order !== 'older' || context.allowOlder) return;
  throw new DeployError('older-commit', {
    message: `${describeOlder(context, hostState, promoted)}.`,
    remedy: `Deploy the newer commit to ${context.promotion?.environment} first. To go back, use dokku-deploy rollback ${context.environment ?? ''}, or pass --allow-older.`,
  });
}

/** An image that came in an archive is in no registry. Hosts do not pass images on to each other. */
function refuseImageOfOtherHost(
  { app, environment }: Context,
  { access, app: from }: Promotion,
  { image, source }: PromotedRelease,
): void {
  if (access === undefined || source === 'to' || image === undefined || !isLoadedImage(image)) return;
  throw new DeployError('not-promotable', {
    message: `${from} runs an image from a file (image_archive), which only its own host has: ${app} on another host cannot get it. Nothing was changed.`,
    remedy: `Deploy the same file there: dokku-deploy deploy ${environment ?? ''} --image-archive FILE. Or push the image to a registry, and deploy it with image to both.`,
  });
}

function describeOlder(context: Context, hostState: HostState, { commit }: PromotedRelease): string {
  const { record } = runningVersion(hostState);
  return `${context.app} runs ${record?.commit.slice(0, 8)}, which is newer than ${commit.slice(0, 8)} of ${context.promotion?.app}`;
}

function shipmentOf(
  { app, promotion }: Context,
  { folder, from }: HostState,
  promoted: PromotedRelease,
): StepShipment {
  const { source, image, revision } = promoted;
  if (image !== undefined) return { kind: 'image', image };
  if (promotion?.access && source === 'from')
    return { kind: 'transfer', from: promotion.app, revision: revision ?? '' };
  const known =
    source === 'to' ? (folder ?? `/home/dokku/${app}`) : (from?.folder ?? `/home/dokku/${promotion?.app}`);
  const isFetchable = source === 'to' || isOnBranch(promoted, from);
  return { kind: 'sync', folder: known, revision: revision ?? '', isFetchable };
}

/** A snapshot has no parents: the branch holds only the last one that was deployed. With the whole history, it holds the older commits. */
function isOnBranch({ commit, revision }: PromotedRelease, from: HostState['from']): boolean {
  return revision === commit || revision === from?.revision;
}

function describeChange(
  context: Context,
  hostState: HostState,
  { commit, revision }: PromotedRelease,
): string {
  const running = runningVersion(hostState);
  const before = running.record?.commit ?? running.revision;
  if (before === undefined) return `${context.app} has not been deployed yet, and gets ${commit.slice(0, 8)}`;
  if (running.record?.revision === revision) return `${context.app} already has ${commit.slice(0, 8)}`;
  return `${context.app} goes from ${before.slice(0, 8)} to ${commit.slice(0, 8)}`;
}

function describeAdded({ added }: HostState): string[] {
  if (added === undefined || added.count === 0) return [];
  const { count, subjects } = added;
  const rest = count > subjects.length ? [`and ${count - subjects.length} more`] : [];
  return [`${count === 1 ? '1 commit is' : `${count} commits are`} added`, ...subjects, ...rest];
}
