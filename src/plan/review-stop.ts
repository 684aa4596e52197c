import type { Context } from '../context/context.ts';
import { destroyApp } from '../dokku/apps.ts';
import { destroyService, type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { type AppState, type HostState, isEmpty, isEnvironmentApp } from './host-state.ts';
import { markerKey } from './keys.ts';
import { describeMarker, isOwnedBy, type Marker } from './marker.ts';
import { describeOwner } from './owner.ts';
import { type CommandStep, type Plan, serviceStepId } from './plan.ts';
import { unlinkSteps } from './service-steps.ts';

/**
 * Returns the plan of `review stop`: remove the app and the services that its marker names, and nothing else.
 *
 * Throws `app-not-ours` for an app that is not this project's review app of this branch.
 */
export function planReviewStop(context: Context, hostState: HostState): Plan {
  const { app = 'absent' } = hostState;
  const base = {
    version: 1,
    command: context.command,
    app: context.app,
    host: undefined,
    services: [],
  } as const;
  if (app === 'absent') return { ...base, ...nothingToRemove(context) };
  if (isEmpty(app, hostState)) {
    return {
      ...base,
      steps: removalSteps(context.app, []),
      notes: [`${context.app} was never configured or deployed`],
    };
  }
  const { services } = requireOwnMarker(context, app);
  return {
    ...base,
    steps: removalSteps(context.app, services),
    services: services.map(serviceLabel),
    notes: [],
  };
}

function nothingToRemove(context: Context): Pick<Plan, 'steps' | 'notes'> {
  return {
    steps: [],
    notes: [`there is no app ${context.app} on the host: nothing to remove`],
  };
}

// The app goes last: its marker names the services, and the run after a killed one must find it.
function removalSteps(app: string, services: readonly ServiceId[]): CommandStep[] {
  const removals = services.map(destroyServiceStep);
  return [
    ...unlinkSteps(app, services),
    ...removals,
    destroyAppStep(
      app,
      removals.map(({ id }) => id),
    ),
  ];
}

function destroyServiceStep(service: ServiceId): CommandStep {
  return {
    kind: 'command',
    id: `destroy-${serviceStepId(service)}`,
    title: `Remove the ${service.plugin} service ${service.name} with its data`,
    needs: [`unlink-${serviceStepId(service)}`],
    repeat: 'a missing service counts as removed',
    command: destroyService(service),
    doneIf: ['missing'],
  };
}

function destroyAppStep(app: string, needs: string[]): CommandStep {
  return {
    kind: 'command',
    id: 'destroy-app',
    title: `Remove the app ${app}`,
    needs,
    repeat: 'a missing app counts as removed',
    command: destroyApp(app),
    doneIf: ['missing'],
  };
}

/** Whatever its marker says, an app that `deploy` deploys to is never removed. */
function requireOwnMarker(context: Context, app: AppState): Marker {
  if (app.owner) return refuse(context.app, describeOwner(app.owner));
  if (isEnvironmentApp(app)) {
    return refuse(context.app, 'belongs to an environment: dokku-deploy deploy deploys to it');
  }
  if (app.marker) {
    return isOwnedBy(app.marker, context) ? app.marker : refuse(context.app, describeMarker(app.marker));
  }
  const hasMarker = app.config.has(markerKey);
  return refuse(
    context.app,
    hasMarker ? 'has a marker that was not written for it' : 'has no marker of dokku-deploy',
  );
}

function refuse(app: string, reason: string): never {
  throw new DeployError('app-not-ours', {
    message: `The app ${app} is not removed: it ${reason}.`,
    remedy: 'review stop removes only review apps of its own project and branch.',
  });
}
