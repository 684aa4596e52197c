import type { Context } from '../context/context.ts';
import { type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { planAppSteps } from './app-steps.ts';
import { refuseForeignServices } from './foreign-services.ts';
import { type AppState, type HostState, isEmpty, isHalfRemoved, isLinked } from './host-state.ts';
import { markerKey } from './keys.ts';
import { formatMarker, type Marker } from './marker.ts';
import { describeOtherVariables } from './moved-services.ts';
import type { Plan } from './plan.ts';
import { describeForeignOwner, describeSettings, hasNoOwner } from './review-owner.ts';
import { keepServiceNames } from './service-names.ts';
import { describeDrift, planSettings } from './setting-steps.ts';

/**
 * Returns the plan of `review start`: an app for the branch with its own services, marked as this project's.
 *
 * Throws `app-not-ours`, `service-not-ours` and `service-not-running`.
 */
export function planReviewStart(given: Context, hostState: HostState): Plan {
  const context = keepServiceNames(given, hostState);
  const { app = 'absent' } = hostState;
  const notes = app === 'absent' ? [] : checkOwnership(context, app, hostState);
  refuseForeignServices(context, hostState);
  const declared = planSettings(context, hostState);
  const marker = app === 'absent' ? undefined : app.marker;
  const unrequested = findUnrequestedServices(context, marker);
  const markServices = (services: readonly ServiceId[]) => ({
    [markerKey]: formatMarker({
      app: context.app,
      projectId: context.project.id ?? marker?.projectId,
      project: context.project.path,
      ref: context.ref,
      environment: context.environment,
      services: [...services, ...unrequested].map(({ plugin, name }) => ({ plugin, name })),
    }),
  });
  const unlinked = unrequested.filter((service) => isLinked(app, service));
  const unrequestedNotes = unrequested.map(
    (service) =>
      `${serviceLabel(service)} is no longer requested; its data is kept until review stop removes it`,
  );
  return {
    version: 1,
    command: context.command,
    app: context.app,
    host: undefined,
    steps: planAppSteps({ context, hostState, markServices, unlinked, declared }),
    notes: [...notes, ...unrequestedNotes, ...describeDrift(declared), ...context.notes],
    warnings: [...describeOtherVariables(context, app), ...declared.warnings],
    services: context.services.map(serviceLabel),
  };
}

/** Throws `app-not-ours` unless the app is this job's, or empty (a run was killed right after creating it). */
function checkOwnership(context: Context, app: AppState, hostState: HostState): string[] {
  const reason = describeForeignOwner(context, app);
  if (reason === undefined) return [];
  if (isEmpty(app, hostState))
    return [`${context.app} exists and is empty, left by an earlier run: it is taken over`];
  if (isHalfRemoved(app, hostState))
    return [`${context.app} is what a failed removal left: it is taken over`];
  const isUnowned = hasNoOwner(app);
  if (isUnowned && context.takeOver) return [adopt(context, app)];
  throw new DeployError('app-not-ours', {
    message: `The app ${context.app} exists on the host and ${reason}${describeSettings(hostState)}.`,
    remedy: `Give this review app another name (--app, or review: name: in .dokku-deploy.yml), or rename the branch.${isUnowned ? ` If it is an older review app of this branch, take it over once: dokku-deploy review start --app ${context.app} --take-over` : ''}`,
  });
}

/**
 * Returns the note that an app without an owner becomes the review app. A copy of another app (`apps:clone`) still works on the data
 * of that app.
 *
 * Throws `service-not-ours` if it uses a service.
 */
function adopt({ app: name, ref, project }: Context, { linked }: AppState): string {
  if (linked.length === 0)
    return `${name} is taken over: it had no owner; from now on it is the review app of ${ref} of ${project.path}, which review stop removes`;
  const labels = linked.map(serviceLabel).join(', ');
  const unlinks = linked.map((service) => `dokku ${service.plugin}:unlink ${service.name} ${name}`);
  throw new DeployError('service-not-ours', {
    message: `${name} is not taken over: it uses ${labels}, which may be the database of the app that it was copied from.`,
    remedy: `Unlink what is not its own, and the review app gets services of its own: ${unlinks.join('; ')}`,
  });
}

/** Returns the services that the marker must keep naming although this run does not ask for them. */
function findUnrequestedServices(context: Context, marker: Marker | undefined): ServiceId[] {
  const requested = new Set(context.services.map(serviceLabel));
  return (marker?.services ?? []).filter((service) => !requested.has(serviceLabel(service)));
}
