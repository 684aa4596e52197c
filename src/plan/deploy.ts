import type { Context } from '../context/context.ts';
import { type ServiceName, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { type Naming, prepareAndShip } from './app-steps.ts';
import { type Facts, isLinked, type SeenApp } from './facts.ts';
import { commitKey, committedKey, markerKey, ownerOf, servicesKey, writeServices } from './marker.ts';
import type { Plan } from './plan.ts';

/**
 * The plan of `deploy`: the environment's app, created with its services when it is missing. It gets no review marker,
 * so nothing of this tool ever destroys it.
 *
 * Raises `app-not-ours`, `service-not-ours`, `older-commit`, and `host-refused` for a missing app under `--no-create`.
 */
export function planDeploy(context: Context, facts: Facts): Plan {
  const { app = 'absent' } = facts;
  if (app !== 'absent') {
    refuseReviewApp(context, app);
    refuseOlder(context, app);
  }
  if (app === 'absent' && !context.createMissing) refuseMissing(context);
  const naming = namingFor(context, app);
  return {
    version: 1,
    command: context.environment ? `deploy ${context.environment}` : 'deploy',
    app: context.app,
    host: undefined,
    steps: prepareAndShip(context, facts, naming),
    notes: [],
    services: context.services.map(serviceLabel),
  };
}

function refuseReviewApp(context: Context, app: SeenApp): void {
  if (app.config[markerKey] === undefined) return;
  const whose = app.marker ? ownerOf(app.marker) : 'has the marker of a review app';
  throw new DeployError('app-not-ours', {
    message: `The app ${context.app} ${whose}: its review stop would destroy what is deployed to it.`,
    remedy: 'Give the environment an app of its own: --app, DOKKU_APP, or environments: in .dokku-deploy.yml',
  });
}

/** An environment goes back to an older commit only when told: a late job must not undo a newer one's deploy. */
function refuseOlder({ app, allowOlder, source }: Context, { config }: SeenApp): void {
  const noted = config[committedKey];
  const isSame = config[commitKey] === source.commit;
  if (allowOlder || isSame || noted === undefined || source.committedAt === undefined) return;
  if (Date.parse(noted) <= Date.parse(source.committedAt)) return;
  throw new DeployError('older-commit', {
    message: `${app} has ${config[commitKey]?.slice(0, 8)} of ${noted}; this job's commit ${source.commit?.slice(0, 8)} is older (${source.committedAt}).`,
    remedy: 'Deploy the newer commit, or say --allow-older to go back (a rollback).',
  });
}

function refuseMissing(context: Context): void {
  throw new DeployError('host-refused', {
    message: `There is no app ${context.app} on the host, and creating it is switched off.`,
    remedy: `Create it once (dokku apps:create ${context.app}), or leave --no-create away.`,
  });
}

/** Names the services that were or will be made for the app; one that an operator linked by hand was not. */
function namingFor(context: Context, app: SeenApp | 'absent'): Naming {
  const made: readonly ServiceName[] = app === 'absent' ? [] : app.made;
  const isMade = (service: ServiceName) => made.some((one) => serviceLabel(one) === serviceLabel(service));
  const isFresh = (service: ServiceName) => !isMade(service) && !isLinked(app, service);
  if (made.length === 0 && !context.services.some(isFresh)) return () => ({});
  return (services) => ({ [servicesKey]: writeServices([...made, ...services.filter(isFresh)]) });
}
