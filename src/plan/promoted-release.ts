import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { findRunningVersion, readReleases } from './deploy-record.ts';
import type { AppState, HostState } from './host-state.ts';
import { canReturnTo, hostRevision, type Release } from './releases.ts';

/** What a promotion deploys. */
export interface PromotedRelease extends Pick<Release, 'commit' | 'committedAt' | 'revision' | 'image'> {
  /** The repository that has it: of the app that it is promoted from, or of the app that it goes to and that has run it before. */
  readonly source: 'from' | 'to';
}

type PromotionContext = Pick<Context, 'app' | 'promotion'>;

/**
 * Returns what a promotion deploys: what the app that it is from runs, or its release of the commit that the job names.
 *
 * Throws `not-promotable`, `busy`, and `host-refused` for a missing app.
 */
export function findPromoted(context: PromotionContext, { app: to, from = {} }: HostState): PromotedRelease {
  const { promotion } = context;
  if (!promotion) throw new Error('only a promotion has something to promote');
  const { app = 'absent' } = from;
  if (app === 'absent') {
    throw new DeployError('host-refused', {
      message: `There is no app ${promotion.app} on the host to promote from.`,
      remedy: `Deploy to it first: dokku-deploy deploy ${promotion.environment}. If it has another name, use --from-app, or app in environments of .dokku-deploy.yml.`,
    });
  }
  const running = findRunning(app, from);
  if (promotion.commit === undefined) {
    refuseUnfit(promotion.app, app, from);
    if (running !== undefined) return { ...running, source: 'from' };
    throw notPromotable(`${promotion.app} runs nothing that was deployed with success from git.`);
  }
  const isWanted = ({ commit }: Pick<Release, 'commit'>) =>
    commit.startsWith(promotion.commit?.toLowerCase() ?? '');
  if (running !== undefined && isWanted(running) && isFit(app, from)) return { ...running, source: 'from' };
  const released = (name: string, state: AppState) =>
    readReleases(name, state.config).find((release) => canReturnTo(release) && isWanted(release));
  const own = typeof to === 'object' ? released(context.app, to) : undefined;
  const other = released(promotion.app, app);
  if (own !== undefined) return { ...own, source: 'to' };
  if (other !== undefined) return { ...other, source: 'from' };
  throw notPromotable(
    `${promotion.app} has no release of ${promotion.commit.slice(0, 8)} that was deployed with success.`,
  );
}

/** Returns what the host deployed last with success, with its record if there is one. */
function findRunning(
  app: AppState,
  { revision }: NonNullable<HostState['from']>,
): Omit<PromotedRelease, 'source'> | undefined {
  const { record } = findRunningVersion(app.config, revision);
  if (revision === undefined) return undefined;
  if (record !== undefined) {
    const { commit, committedAt, image } = record;
    return { commit, committedAt, revision: record.revision ?? revision, image };
  }
  const isCommit = /^[0-9a-f]{40}$/.test(revision);
  return isCommit ? { commit: revision, committedAt: undefined, revision } : undefined;
}

function isFit(app: AppState, from: NonNullable<HostState['from']>): boolean {
  return describeUnfit('', app, from) === undefined && from.isBuilding !== true;
}

function refuseUnfit(name: string, app: AppState, from: NonNullable<HostState['from']>): void {
  if (from.isBuilding === true) {
    throw new DeployError('busy', {
      message: `A deploy of ${name} is running, so it is not certain what runs there.`,
      remedy: 'Run the job again when it has ended.',
    });
  }
  const reason = describeUnfit(name, app, from);
  if (reason !== undefined) throw notPromotable(reason);
}

/** GIT_REV names what was tried last; a failed deploy also leaves an image that the next restart starts. */
function describeUnfit(
  name: string,
  app: AppState,
  { revision }: NonNullable<HostState['from']>,
): string | undefined {
  const { attempted, record } = findRunningVersion(app.config, revision);
  const [newest] = readReleases(name, app.config);
  const tried = record?.image === undefined ? revision : record.revision;
  if (attempted !== undefined && tried !== undefined && attempted !== tried)
    return `The last deploy of ${name} failed: it tried ${attempted.slice(0, 8)}, and ${tried.slice(0, 8)} is the last that succeeded.`;
  if (newest === undefined || newest.outcome === 'deployed' || hostRevision(newest) !== revision)
    return undefined;
  return `The last deploy of ${name} failed (${newest.outcome}).`;
}

function notPromotable(message: string): DeployError {
  return new DeployError('not-promotable', {
    message,
    remedy:
      'Deploy to it with success first. To deploy the job’s own commit instead, use dokku-deploy deploy.',
  });
}
