import type { Context } from '../context/context.ts';
import { type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { planAppSteps, type ServicesMarker } from './app-steps.ts';
import { type AppState, type HostState, isLinked } from './host-state.ts';
import {
  commitKey,
  committedAtKey,
  describeOwner,
  formatServices,
  markerKey,
  servicesKey,
} from './marker.ts';
import type { Plan } from './plan.ts';

/**
 * Returns the plan of `deploy`: the environment's app, created with its services when it is missing. The app gets no
 * review marker, so this tool never destroys it.
 *
 * Throws `app-not-ours`, `service-not-ours`, `older-commit`, and `host-refused` for a missing app under `--no-create`.
 */
export function planDeploy(context: Context, hostState: HostState): Plan {
  const { app = 'absent' } = hostState;
  if (app !== 'absent') {
    refuseReviewApp(context, app);
    refuseOlder(context, app);
  }
  if (app === 'absent' && !context.createMissing) refuseMissing(context);
  const markServices = createServicesMarker(context, app);
  return {
    version: 1,
    command: context.environment ? `deploy ${context.environment}` : 'deploy',
    app: context.app,
    host: undefined,
    steps: planAppSteps(context, hostState, markServices),
    notes: [],
    services: context.services.map(serviceLabel),
  };
}

function refuseReviewApp(context: Context, app: AppState): void {
  if (app.config[markerKey] === undefined) return;
  const owner = app.marker ? describeOwner(app.marker) : 'has the marker of a review app';
  throw new DeployError('app-not-ours', {
    message: `The app ${context.app} ${owner}: review stop would destroy what is deployed to it.`,
    remedy: 'Give the environment its own app: --app, DOKKU_APP, or environments: in .dokku-deploy.yml',
  });
}

/** An environment goes back to an older commit only on request: a late job must not undo a newer job's deploy. */
function refuseOlder({ app, allowOlder, source }: Context, { config }: AppState): void {
  const deployedAt = config[committedAtKey];
  const isSame = config[commitKey] === source.commit;
  if (allowOlder || isSame || deployedAt === undefined || source.committedAt === undefined) return;
  if (Date.parse(deployedAt) <= Date.parse(source.committedAt)) return;
  throw new DeployError('older-commit', {
    message: `${app} has ${config[commitKey]?.slice(0, 8)} of ${deployedAt}; this job's commit ${source.commit?.slice(0, 8)} is older (${source.committedAt}).`,
    remedy: 'Deploy the newer commit, or pass --allow-older to roll back.',
  });
}

function refuseMissing(context: Context): void {
  throw new DeployError('host-refused', {
    message: `There is no app ${context.app} on the host, and --no-create forbids creating it.`,
    remedy: `Create it once (dokku apps:create ${context.app}), or omit --no-create.`,
  });
}

/** Names the services that were or will be made for the app, without those that an operator linked by hand. */
function createServicesMarker(context: Context, app: AppState | 'absent'): ServicesMarker {
  const created: readonly ServiceId[] = app === 'absent' ? [] : app.created;
  const isCreated = (service: ServiceId) =>
    created.some((one) => serviceLabel(one) === serviceLabel(service));
  const isNew = (service: ServiceId) => !isCreated(service) && !isLinked(app, service);
  if (created.length === 0 && !context.services.some(isNew)) return () => ({});
  return (services) => ({ [servicesKey]: formatServices([...created, ...services.filter(isNew)]) });
}
