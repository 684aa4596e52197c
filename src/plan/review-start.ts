import type { Context } from '../context/context.ts';
import { type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { planAppSteps } from './app-steps.ts';
import { type HostState, isEmpty } from './host-state.ts';
import { describeOwner, formatMarker, isOwnedBy, type Marker, markerKey, servicesKey } from './marker.ts';
import type { Plan } from './plan.ts';

/**
 * Returns the plan of `review start`: an app for the branch with its own services, marked as this project's.
 *
 * Throws `app-not-ours` and `service-not-ours`.
 */
export function planReviewStart(context: Context, hostState: HostState): Plan {
  const notes = checkOwnership(context, hostState);
  const marker = typeof hostState.app === 'object' ? hostState.app.marker : undefined;
  const unrequested = findUnrequestedServices(context, marker);
  const markServices = (services: readonly ServiceId[]) => ({
    [markerKey]: formatMarker({
      projectId: context.project.id,
      project: context.project.path,
      ref: context.ref,
      environment: context.environment,
      services: [...services, ...unrequested].map(({ plugin, name }) => ({ plugin, name })),
    }),
  });
  const unrequestedNotes = unrequested.map(
    (service) => `${serviceLabel(service)} is no longer requested; review stop will remove it`,
  );
  return {
    version: 1,
    command: context.command,
    app: context.app,
    host: undefined,
    steps: planAppSteps(context, hostState, markServices),
    notes: [...notes, ...unrequestedNotes],
    services: context.services.map(serviceLabel),
  };
}

/** Throws `app-not-ours` unless the app is absent, this job's, or empty (a run was killed right after creating it). */
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
    return refuse(context.app, 'belongs to an environment: dokku-deploy deploy made it');
  }
  if (isEmpty(app, hostState))
    return [`${context.app} exists and is empty, left by an earlier run: it is taken over`];
  return refuse(context.app, 'is not a review app: it has no marker of dokku-deploy');
}

const nameRemedy =
  'Give this review app another name (--app, or review: name: in .dokku-deploy.yml), or rename the branch; if the app there is not needed, an operator removes it: dokku apps:destroy';

function refuse(app: string, reason: string): never {
  throw new DeployError('app-not-ours', {
    message: `The app ${app} exists on the host and ${reason}.`,
    remedy: `${nameRemedy} ${app}`,
  });
}

/** Returns the services that the marker must keep naming although this run does not ask for them. */
function findUnrequestedServices(context: Context, marker: Marker | undefined): ServiceId[] {
  return (marker?.services ?? []).filter(
    (named) => !context.services.some(({ plugin, name }) => plugin === named.plugin && name === named.name),
  );
}
