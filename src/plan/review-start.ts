import type { Context } from '../context/context.ts';
import { type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { planAppSteps } from './app-steps.ts';
import { type HostState, isEmpty } from './host-state.ts';
import { describeOwner, formatMarker, isOwnedBy, type Marker, markerKey, servicesKey } from './marker.ts';
import type { Plan } from './plan.ts';

/**
 * The plan of `review start`: an app for the branch, with services of its own, marked as this project's.
 *
 * Raises `app-not-ours` and `service-not-ours`.
 */
export function planReviewStart(context: Context, hostState: HostState): Plan {
  const notes = checkOwnership(context, hostState);
  const marker = typeof hostState.app === 'object' ? hostState.app.marker : undefined;
  const old = findUnrequestedServices(context, marker);
  const naming = (services: readonly ServiceId[]) => ({
    [markerKey]: formatMarker({
      projectId: context.project.id,
      project: context.project.path,
      ref: context.ref,
      environment: context.environment,
      services: [...services, ...old].map(({ plugin, name }) => ({ plugin, name })),
    }),
  });
  const unrequested = old.map(
    (service) => `${serviceLabel(service)} is no longer asked for; review stop will remove it`,
  );
  return {
    version: 1,
    command: context.command,
    app: context.app,
    host: undefined,
    steps: planAppSteps(context, hostState, naming),
    notes: [...notes, ...unrequested],
    services: context.services.map(serviceLabel),
  };
}

/** Raises `app-not-ours` unless the app is absent, this job's, or empty: a run was killed right after creating it. */
function checkOwnership(context: Context, hostState: HostState): string[] {
  const { app = 'absent' } = hostState;
  if (app === 'absent') return [];
  if (app.marker) {
    return isOwnedBy(app.marker, context) ? [] : refuse(context.app, describeOwner(app.marker));
  }
  if (app.config[markerKey] !== undefined) {
    return refuse(context.app, 'has a marker that this version of dokku-deploy cannot read');
  }
  if (app.config[servicesKey] !== undefined) {
    return refuse(context.app, 'was made by dokku-deploy deploy: it is no review app');
  }
  if (isEmpty(app, hostState))
    return [`${context.app} was there, empty, from an earlier run: it is taken over`];
  return refuse(context.app, 'is not a review app: it has no marker of dokku-deploy');
}

const nameRemedy =
  'Give this review app another name (--app, or review: name: in .dokku-deploy.yml), or rename the branch; if the app there is not needed, an operator removes it: dokku apps:destroy';

function refuse(app: string, what: string): never {
  throw new DeployError('app-not-ours', {
    message: `The app ${app} exists on the host and ${what}.`,
    remedy: `${nameRemedy} ${app}`,
  });
}

/** Services that the marker must go on naming although this run does not ask for them. */
function findUnrequestedServices(context: Context, marker: Marker | undefined): ServiceId[] {
  return (marker?.services ?? []).filter(
    (old) => !context.services.some(({ plugin, name }) => plugin === old.plugin && name === old.name),
  );
}
