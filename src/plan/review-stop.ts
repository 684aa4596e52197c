import type { Context } from '../context/context.ts';
import { appExists, destroyApp } from '../dokku/apps.ts';
import { exportConfig } from '../dokku/config.ts';
import {
  destroyService,
  type ServiceId,
  serviceExists,
  serviceInfo,
  serviceLabel,
} from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { type AppState, type HostState, isEmpty, isHalfRemoved } from './host-state.ts';
import { commitKey, markerKey } from './keys.ts';
import {
  type CommandStep,
  type Plan,
  type RemoveAppStep,
  type Step,
  type SweepStep,
  serviceStepId,
} from './plan.ts';
import {
  describeForeignOwner,
  describeSettings,
  hasDoubtfulMarker,
  hasMarkerOfOther,
  isFoundReviewApp,
  isOwnReviewApp,
} from './review-owner.ts';
import { unsearchedNames } from './search-questions.ts';
import { unlinkSteps } from './service-steps.ts';

/** A review app to remove, with the services that its marker names. */
interface Removal {
  readonly app: string;
  /** Its marker as it is on the host; undefined for an app that has none. */
  readonly marker: string | undefined;
  readonly services: readonly ServiceId[];
  /** Whether nothing was ever pushed to it: the `review start` that makes it was killed, or is still running. */
  readonly isUnfinished: boolean;
}

/**
 * Returns the plan of `review stop`: remove the ref's app and the services that its marker names, and nothing else. An app
 * of another name counts if its marker is the ref's.
 *
 * Throws `app-not-ours` for an app that is not this project's review app of this branch, and `app-not-found` if there is
 * none but not every app could be looked at.
 */
export function planReviewStop(context: Context, hostState: HostState): Plan {
  const { app = 'absent' } = hostState;
  const found = [...(hostState.others ?? [])].flatMap(([name, other]) =>
    typeof other === 'object' && isFoundReviewApp(context, name, other) ? [removalOf(name, other)] : [],
  );
  const named = app === 'absent' ? [] : findNamed(context, app, hostState);
  const removals = [...named, ...found];
  if (app !== 'absent' && removals.length === 0) refuseForeignApp(context, app, hostState);
  if (removals.length === 0) refuseDoubt(context, hostState);
  return {
    version: 1,
    command: context.command,
    app: removals[0]?.app ?? context.app,
    host: undefined,
    steps: removals.flatMap((removal, index) => removalSteps(removal, index)),
    services: removals.flatMap(({ services }) => services.map(serviceLabel)),
    notes: [
      ...describeNamed(context, app, hostState),
      ...found.map(({ app: name }) => `${name} has the marker of this branch`),
    ],
  };
}

function findNamed(context: Context, app: AppState, hostState: HostState): Removal[] {
  const isOwn = isEmpty(app, hostState) || isHalfRemoved(app, hostState) || isOwnReviewApp(context, app);
  return isOwn ? [removalOf(context.app, app)] : [];
}

function removalOf(name: string, { config, marker }: AppState): Removal {
  return {
    app: name,
    marker: config.get(markerKey),
    services: marker?.services ?? [],
    isUnfinished: marker !== undefined && !config.has('GIT_REV') && !config.has(commitKey),
  };
}

function refuseForeignApp(context: Context, app: AppState, hostState: HostState): never {
  throw new DeployError('app-not-ours', {
    message: `The app ${context.app} is not removed: it ${describeForeignOwner(context, app)}${describeSettings(hostState)}.`,
    remedy:
      'review stop removes only review apps of its own project and branch, and found none. If this branch has one under another name, pass it with --app.',
  });
}

/** Without an app to remove, the run succeeds only if it is certain that the host has none of this branch. */
function refuseDoubt(context: Context, hostState: HostState): void {
  const doubtful = [...(hostState.others ?? [])].filter(([name, app]) =>
    hasDoubtfulMarker(context, name, app),
  );
  const renamed = doubtful.filter(([name, app]) => hasMarkerOfOther(name, app)).map(([name]) => name);
  if (renamed.length > 0) refuseRenamed(context, renamed);
  if (doubtful.length > 0)
    refuseDoubtful(
      context,
      doubtful.map(([name]) => name),
    );
  const unsearched = unsearchedNames(context, hostState);
  if (unsearched.length === 0) return;
  throw new DeployError('app-not-found', {
    message: `There is no app ${context.app}, and ${unsearched.length} apps of the host were not searched for the marker of ${context.ref}.`,
    remedy: 'Pass the name of the review app with --app, as review start used it.',
  });
}

function refuseRenamed({ app, ref }: Context, names: readonly string[]): never {
  const [name] = names;
  throw new DeployError('app-not-found', {
    message: `There is no app ${app}. ${names.join(', ')} has a marker of ${ref} that was written for another app: someone has renamed or copied the review app.`,
    remedy: `If ${name} is the review app of this branch, give it its name again (dokku apps:rename ${name} ${app}) and run the job again. If it is a copy, remove the marker: dokku config:unset --no-restart ${name} ${markerKey}`,
  });
}

function refuseDoubtful({ app, ref }: Context, names: readonly string[]): never {
  const [name] = names;
  throw new DeployError('app-not-found', {
    message: `There is no app ${app}. ${names.join(', ')} has a marker of ${ref} that does not name its app: version 1.0.0 wrote it there, or it was copied from another app.`,
    remedy: `If ${name} is the review app of this branch, pass it with --app. If it is a copy, remove the marker: dokku config:unset --no-restart ${name} ${markerKey}`,
  });
}

function describeNamed(context: Context, app: AppState | 'absent', hostState: HostState): string[] {
  if (app === 'absent') return [describeAbsence(context, hostState)];
  if (isHalfRemoved(app, hostState)) return [`${context.app} is what a failed removal left`];
  return isEmpty(app, hostState) ? [`${context.app} was never configured or deployed`] : [];
}

function describeAbsence(context: Context, { appNames, others = new Map() }: HostState): string {
  const unreadable = [...others].flatMap(([name, other]) => (other === 'unreadable' ? [name] : []));
  const unread = unreadable.length > 0 ? `; the host cannot read ${unreadable.join(', ')}` : '';
  const searched = appNames === undefined ? '' : ', and no other app has the marker of this branch';
  return `there is no app ${context.app} on the host${searched}${unread}`;
}

// The app goes after its services: its marker names them, and the run after a killed one must find it.
function removalSteps(removal: Removal, index: number): Step[] {
  const { app, services } = removal;
  const destroys = services.map((service) => destroyServiceStep(app, service));
  const removeApp = removeAppStep(
    removal,
    index,
    destroys.map(({ id }) => id),
  );
  const isMarked = removal.marker !== undefined;
  const sweep = isMarked ? [sweepStep(removal, index, removeApp.id)] : [];
  return [...unlinkSteps(app, services), ...destroys, removeApp, ...sweep];
}

function destroyServiceStep(app: string, service: ServiceId): CommandStep {
  return {
    kind: 'command',
    id: `destroy-${serviceStepId(service)}`,
    title: `Remove the ${service.plugin} service ${service.name} with its data`,
    needs: [`unlink-${serviceStepId(service)}`],
    repeat: 'a missing service counts as removed',
    command: destroyService(service),
    doneIf: ['missing'],
    keptIfShared: { app, service, info: serviceInfo(service) },
    staleIf: ['linked'],
  };
}

function removeAppStep({ app, marker }: Removal, index: number, needs: readonly string[]): RemoveAppStep {
  return {
    kind: 'remove-app',
    id: numberedId('destroy-app', index),
    title: `Remove the app ${app}`,
    needs,
    repeat: 'a missing app counts as removed',
    app,
    check: exportConfig(app),
    marker,
    command: destroyApp(app),
    verify: appExists(app),
  };
}

function numberedId(id: string, index: number): string {
  return index === 0 ? id : `${id}-${index + 1}`;
}

function sweepStep(removal: Removal, index: number, previous: string): SweepStep {
  const { app, services, isUnfinished } = removal;
  return {
    kind: 'sweep',
    id: numberedId('sweep', index),
    title: `Check that nothing is left of ${app}`,
    needs: [previous],
    repeat: 'a missing service counts as removed',
    app,
    command: exportConfig(app),
    isUnfinished,
    services: services.map((service) => ({
      label: serviceLabel(service),
      exists: serviceExists(service),
      destroy: destroyService(service),
    })),
  };
}
