import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { AppState } from './host-state.ts';
import { markerKey, ownerKey } from './keys.ts';
import { describeMarker, isSameProject } from './marker.ts';
import { describeOwner, type Owner, ownerOf } from './owner.ts';

/**
 * Checks that an existing app is this environment's, or may become it: one without any mark is adopted. Returns notes for
 * the log.
 *
 * Throws `app-not-ours` for a review app, and for an app of another project or environment unless the job takes it over.
 */
export function checkOwner(context: Context, app: AppState): string[] {
  refuseReviewApp(context, app);
  const { owner } = app;
  if (isOwnEnvironmentApp(context, app)) return [];
  const self = describeOwner(ownerOf(context, owner));
  if (!app.config.has(ownerKey)) return [`${context.app} had no owner; from now on it ${self}`];
  const reason = owner ? describeOwner(owner) : 'has an owner mark that was not written for it';
  if (context.takeOver) return [`${context.app} is taken over: it ${reason}; from now on it ${self}`];
  throw new DeployError('app-not-ours', {
    message: `The app ${context.app} exists on the host and ${reason}.`,
    remedy: `${nameRemedy(context, owner)} If this app is to change its owner, deploy to it once with --take-over.`,
  });
}

function nameRemedy({ environment, project }: Context, owner: Owner | undefined): string {
  return environment === undefined && owner?.environment !== undefined && isSameProject(owner, project)
    ? `Name the environment of the job: dokku-deploy deploy ${owner.environment}.`
    : ownAppRemedy;
}

const ownAppRemedy =
  'Give this environment its own app (--app, DOKKU_APP, or environments: in .dokku-deploy.yml).';

function refuseReviewApp(context: Context, app: AppState): void {
  if (!app.config.has(markerKey)) return;
  const reason = app.marker ? describeMarker(app.marker) : 'has the marker of a review app';
  throw new DeployError('app-not-ours', {
    message: `The app ${context.app} exists on the host and ${reason}.`,
    remedy: `${ownAppRemedy} If the marker is there by mistake, an operator removes it: dokku config:unset --no-restart ${context.app} ${markerKey}`,
  });
}

/** Whether an app has the owner mark of this environment. */
export function isOwnEnvironmentApp(context: Context, { owner }: AppState): boolean {
  return owner !== undefined && isOwn(owner, context);
}

/** A mark without an environment belongs to every environment of its project: the first one that deploys claims it. */
function isOwn(owner: Owner, { project, environment }: Context): boolean {
  if (!isSameProject(owner, project)) return false;
  return owner.environment === undefined || owner.environment === environment;
}
