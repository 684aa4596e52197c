import type { Context } from '../context/context.ts';
import { destroyApp } from '../dokku/apps.ts';
import { destroyService, type ServiceId, serviceLabel, unlinkService } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { type AppState, type HostState, isEmpty } from './host-state.ts';
import { describeOwner, isOwnedBy, type Marker } from './marker.ts';
import { type CommandStep, type Plan, serviceStepId } from './plan.ts';

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
  const unlinks: CommandStep[] = [];
  for (const service of services) unlinks.push(unlinkStep(app, service, unlinks.at(-1)));
  const removals = services.map(destroyServiceStep);
  return [
    ...unlinks,
    ...removals,
    destroyAppStep(
      app,
      removals.map(({ id }) => id),
    ),
  ];
}

function unlinkStep(app: string, service: ServiceId, previous: CommandStep | undefined): CommandStep {
  return {
    kind: 'command',
    id: `unlink-${serviceStepId(service)}`,
    title: `Unlink ${service.name} from ${app}`,
    needs: previous ? [previous.id] : [],
    repeat: 'a service that is not linked counts as unlinked',
    command: unlinkService(service, app),
    doneIf: ['not-linked', 'missing'],
  };
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

function requireOwnMarker(context: Context, app: AppState): Marker {
  if (!app.marker) return refuse(context.app, 'has no marker of dokku-deploy');
  return isOwnedBy(app.marker, context) ? app.marker : refuse(context.app, describeOwner(app.marker));
}

function refuse(app: string, reason: string): never {
  throw new DeployError('app-not-ours', {
    message: `The app ${app} is not removed: it ${reason}.`,
    remedy: `review stop removes only review apps of its own project and branch. If it is to go, an operator removes it: dokku apps:destroy ${app}`,
  });
}
