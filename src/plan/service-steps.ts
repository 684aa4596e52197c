import type { Context, ServiceSpec } from '../context/context.ts';
import {
  createService,
  destroyService,
  linkService,
  type ServiceId,
  serviceLabel,
  startService,
  stopService,
  unlinkService,
} from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { configWrite } from './config-write.ts';
import { type HostState, ownsService, type ServiceState } from './host-state.ts';
import { type CommandStep, type CreateServiceStep, type Step, serviceStepId } from './plan.ts';

/** Returns the records that name the services made for the app, for a given list of them. */
export type MarkServices = (services: readonly ServiceSpec[]) => Readonly<Record<string, string>>;

interface ServiceStepsInput {
  readonly context: Context;
  readonly hostState: HostState;
  readonly markServices: MarkServices;
  readonly needs: readonly string[];
}

/**
 * Returns the steps that make one service ready to be linked.
 *
 * Throws `service-not-ours` for a service that the app does not name as its own, and `service-not-running` for one that
 * someone stopped, or that only an operator may remove.
 */
export function serviceSteps(service: ServiceSpec, input: ServiceStepsInput): Step[] {
  const { context, hostState, needs } = input;
  const state = hostState.services?.get(serviceLabel(service)) ?? 'absent';
  if (state !== 'absent' && !ownsService(hostState.app, service))
    refuseForeignService(context, service, hostState);
  const isReview = context.target === 'review';
  switch (state) {
    case 'present':
    case 'running':
      return [];
    case 'taken':
      return refuseTakenService(context, service);
    case 'absent':
      return [createStep(service, input)];
    case 'unfinished':
      return finishSteps(service, needs);
    case 'hollow': {
      if (!isReview) refuseStoppedService(context, service, state);
      const clear = clearStep(service, needs);
      return [clear, createStep(service, { ...input, needs: [clear.id] })];
    }
    case 'stopped':
    case 'missing':
      if (!isReview) refuseStoppedService(context, service, state);
      return [startStep(service, needs)];
  }
}

function refuseForeignService({ app, target }: Context, service: ServiceSpec, hostState: HostState): never {
  const { plugin, name } = service;
  const isMissing = (hostState.app ?? 'absent') === 'absent';
  const link = `${isMissing ? `dokku apps:create ${app}, then ` : ''}dokku ${plugin}:link ${name} ${app}`;
  const other = 'Choose another name for it in .dokku-deploy.yml (services: name)';
  throw new DeployError('service-not-ours', {
    message: `The service ${serviceLabel(service)} exists and was not made for the app ${app}${isMissing ? ', which does not exist' : ''}.`,
    // A review app that was made by hand would be refused.
    remedy:
      isMissing && target === 'review'
        ? `If it is left of an earlier review app, and nothing needs its data, remove it: dokku ${plugin}:destroy ${name}. Otherwise: ${other}.`
        : `${other}, or link the existing service once by hand: ${link}`,
  });
}

function refuseTakenService({ app }: Context, service: ServiceSpec): never {
  const { plugin, name } = service;
  throw new DeployError('service-not-ours', {
    message: `The service ${serviceLabel(service)} is linked to another app, and not to ${app}.`,
    remedy:
      `Choose another name for it in .dokku-deploy.yml (services: name). To share it on purpose, ` +
      `link it once by hand: dokku ${plugin}:link ${name} ${app}`,
  });
}

function refuseStoppedService({ app }: Context, service: ServiceSpec, state: ServiceState): never {
  const { plugin, name } = service;
  const label = serviceLabel(service);
  if (state === 'hollow') {
    throw new DeployError('service-not-running', {
      message: `The service ${label} of ${app} is half-made: its creation failed before it got a password. It holds no data.`,
      remedy: `deploy never removes a service. Ask an operator to remove it, then run the job again: dokku ${plugin}:destroy ${name}`,
    });
  }
  throw new DeployError('service-not-running', {
    message: `The service ${label} of ${app} is stopped and not linked to the app. Its data is kept.`,
    remedy: `When it is to be used again, start it and run the job again: dokku ${plugin}:start ${name}. The job links it, as this does: dokku ${plugin}:link ${name} ${app} --no-restart`,
  });
}

function createStep(
  service: ServiceSpec,
  { context, hostState, markServices, needs }: ServiceStepsInput,
): CreateServiceStep {
  return {
    kind: 'create-service',
    id: `create-${serviceStepId(service)}`,
    title: `Create the ${service.plugin} service ${service.name}`,
    needs,
    repeat: 'a service that this app’s marker names counts as made',
    app: context.app,
    service: { plugin: service.plugin, name: service.name },
    command: createService(service, {
      image: service.image,
      version: service.version,
      env: Object.fromEntries(Object.entries(service.env).map(([key, secret]) => [key, { secret }])),
      options: service.options,
    }),
    markerWithoutService: ownsService(hostState.app, service)
      ? undefined
      : configWrite(context.app, markServices(context.services.filter((other) => other !== service))),
  };
}

/** Completes a service whose creation failed. A container that never started is removed first: it would block the new one. */
function finishSteps(service: ServiceSpec, needs: readonly string[]): Step[] {
  const stop: CommandStep = {
    kind: 'command',
    id: `stop-${serviceStepId(service)}`,
    title: `Remove the container of ${service.name} that never started`,
    needs,
    repeat: 'a missing container counts as removed, and the service keeps its data',
    command: stopService(service),
    doneIf: ['missing'],
  };
  return [stop, startStep(service, [stop.id])];
}

function startStep(service: ServiceSpec, needs: readonly string[]): CommandStep {
  return {
    kind: 'command',
    id: `start-${serviceStepId(service)}`,
    title: `Start the ${service.plugin} service ${service.name}`,
    needs,
    repeat: 'a running service counts as started',
    command: startService(service),
    doneIf: [],
    staleIf: ['missing'],
    silent: true,
  };
}

/** Removes a service that never held data: its creation failed before it got a password. */
function clearStep(service: ServiceSpec, needs: readonly string[]): CommandStep {
  return {
    kind: 'command',
    id: `clear-${serviceStepId(service)}`,
    title: `Remove the half-made ${service.plugin} service ${service.name}, which never held data`,
    needs,
    repeat: 'a missing service counts as removed',
    command: destroyService(service),
    doneIf: ['missing'],
  };
}

/** Returns the steps that unlink services, one at a time: each writes the app's configuration. Their data is kept. */
export function unlinkSteps(
  app: string,
  services: readonly ServiceId[],
  needs: readonly string[] = [],
): CommandStep[] {
  const steps: CommandStep[] = [];
  for (const service of services) {
    const previous = steps.at(-1);
    steps.push(unlinkStep(app, service, previous ? [previous.id] : needs));
  }
  return steps;
}

function unlinkStep(app: string, service: ServiceId, needs: readonly string[]): CommandStep {
  return {
    kind: 'command',
    id: `unlink-${serviceStepId(service)}`,
    title: `Unlink ${service.name} from ${app}`,
    needs,
    repeat: 'a service that is not linked counts as unlinked',
    command: unlinkService(service, app),
    doneIf: ['not-linked', 'missing'],
  };
}

/** Links run one at a time: each writes the app's configuration, and of two concurrent writes one is lost. */
export function linkSteps(
  context: Context,
  wanted: readonly ServiceSpec[],
  before: readonly Step[],
): CommandStep[] {
  const links: CommandStep[] = [];
  for (const service of wanted) {
    const suffix = `-${serviceStepId(service)}`;
    const ready = before.filter(({ id }) => id === `create${suffix}` || id === `start${suffix}`);
    const previous = links.at(-1)?.id ?? before.findLast(writesConfig)?.id;
    const needs = [...ready.map(({ id }) => id), ...(previous === undefined ? [] : [previous])];
    links.push(linkStep(context, service, needs));
  }
  return links;
}

/** A link also writes the app's Docker options, as a setting may. */
function writesConfig({ id, kind }: Step): boolean {
  return kind === 'setting' || id === 'configure' || id === 'unset' || id.startsWith('unlink-');
}

function linkStep(context: Context, service: ServiceSpec, needs: string[]): CommandStep {
  return {
    kind: 'command',
    id: `link-${serviceStepId(service)}`,
    title: `Link ${service.name} to ${context.app}`,
    needs,
    repeat: 'the host reports a service that is already linked',
    command: linkService(service, context.app, service.as),
    doneIf: ['linked'],
    staleIf: ['missing'],
    silent: true,
  };
}
