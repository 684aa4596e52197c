import type { Context } from '../context/context.ts';
import { type ServiceName, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { prepareAndShip } from './app-steps.ts';
import { type Facts, isEmpty } from './facts.ts';
import { isOwn, type Marker, markerKey, ownerOf, servicesKey, writeMarker } from './marker.ts';
import type { Plan } from './plan.ts';

/**
 * The plan of `review start`: an app for the branch, with services of its own, marked as this project's.
 *
 * Raises `app-not-ours` and `service-not-ours`.
 */
export function planReviewStart(context: Context, facts: Facts): Plan {
  const notes = claim(context, facts);
  const marker = typeof facts.app === 'object' ? facts.app.marker : undefined;
  const old = kept(context, marker);
  const naming = (services: readonly ServiceName[]) => ({
    [markerKey]: writeMarker({
      projectId: context.project.id,
      project: context.project.path,
      ref: context.ref,
      environment: context.environment,
      services: [...services, ...old].map(({ plugin, name }) => ({ plugin, name })),
    }),
  });
  const idle = old.map(
    (service) => `${serviceLabel(service)} is no longer asked for; review stop will remove it`,
  );
  return {
    version: 1,
    command: context.command,
    app: context.app,
    host: undefined,
    steps: prepareAndShip(context, facts, naming),
    notes: [...notes, ...idle],
    services: context.services.map(serviceLabel),
  };
}

/** Raises `app-not-ours` unless the app is absent, this job's, or empty: a run was killed right after creating it. */
function claim(context: Context, facts: Facts): string[] {
  const { app = 'absent' } = facts;
  if (app === 'absent') return [];
  if (app.marker) {
    return isOwn(app.marker, context) ? [] : refuse(context.app, ownerOf(app.marker));
  }
  if (app.config[markerKey] !== undefined) {
    return refuse(context.app, 'has a marker that this version of dokku-deploy cannot read');
  }
  if (app.config[servicesKey] !== undefined) {
    return refuse(context.app, 'was made by dokku-deploy deploy: it is no review app');
  }
  if (isEmpty(app, facts)) return [`${context.app} was there, empty, from an earlier run: it is taken over`];
  return refuse(context.app, 'is not a review app: it has no marker of dokku-deploy');
}

const waysOut =
  'Give this review app another name (--app, or review: name: in .dokku-deploy.yml), or rename the branch; if the app there is not needed, an operator removes it: dokku apps:destroy';

function refuse(app: string, what: string): never {
  throw new DeployError('app-not-ours', {
    message: `The app ${app} exists on the host and ${what}.`,
    remedy: `${waysOut} ${app}`,
  });
}

/** Services that the marker must go on naming although this run does not ask for them. */
function kept(context: Context, marker: Marker | undefined): ServiceName[] {
  return (marker?.services ?? []).filter(
    (old) => !context.services.some(({ plugin, name }) => plugin === old.plugin && name === old.name),
  );
}
