import type { Context } from '../context/context.ts';
import { type ServiceName, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import type { Facts, SeenApp } from './facts.ts';
import { markerKey, servicesKey, writeServices } from './marker.ts';
import type { Plan } from './plan.ts';
import { prepareAndShip } from './prepare.ts';
import { ownerOf } from './review-start.ts';

const refuseReviewApp = (context: Context, app: SeenApp): void => {
  if (app.config[markerKey] === undefined) return;
  const whose = app.marker ? ownerOf(app.marker) : 'has the marker of a review app';
  throw new DeployError('app-not-ours', {
    message: `The app ${context.app} ${whose}: its review stop would destroy what is deployed to it.`,
    remedy: 'Give the environment an app of its own: --app, DOKKU_APP, or environments: in .dokku-deploy.yml',
  });
};

const refuseMissing = (context: Context): void => {
  throw new DeployError('host-refused', {
    message: `There is no app ${context.app} on the host, and creating it is switched off.`,
    remedy: `Create it once (dokku apps:create ${context.app}), or leave --no-create away.`,
  });
};

/**
 * The plan of `deploy`: the environment's app, created with its services when it is missing. It gets no review marker,
 * so nothing of this tool ever destroys it.
 *
 * Raises `app-not-ours`, `service-not-ours`, and `host-refused` for a missing app under `--no-create`.
 */
export const planDeploy = (context: Context, facts: Facts): Plan => {
  const { app = 'absent' } = facts;
  if (app !== 'absent') refuseReviewApp(context, app);
  if (app === 'absent' && !context.createMissing) refuseMissing(context);
  const made: readonly ServiceName[] = app === 'absent' ? [] : app.made;
  const naming = (services: readonly ServiceName[]): Readonly<Record<string, string>> => {
    // A service that an operator linked by hand was not made by us, and is not named as if it were.
    const own = services.filter((service) => made.some((one) => serviceLabel(one) === serviceLabel(service)));
    const linked = app === 'absent' ? [] : app.linked;
    const fresh = services.filter(
      (service) => !own.includes(service) && !linked.some(({ plugin, name }) => plugin === service.plugin && name === service.name.replaceAll('_', '-')),
    );
    const named = [...made, ...fresh];
    return named.length > 0 ? { [servicesKey]: writeServices(named) } : {};
  };
  return {
    version: 1,
    command: context.environment ? `deploy ${context.environment}` : 'deploy',
    app: context.app,
    host: undefined,
    steps: prepareAndShip(context, facts, naming),
    notes: [],
    services: context.services.map(serviceLabel),
  };
};
