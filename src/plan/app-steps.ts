import type { Context, ServiceSpec } from '../context/context.ts';
import { appExists, createApp } from '../dokku/apps.ts';
import type { Value } from '../dokku/command.ts';
import { importConfig, setConfig } from '../dokku/config.ts';
import { createService, destroyService, linkService, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { type AppState, type HostState, isLinked, ownsService } from './host-state.ts';
import { commitKey, committedAtKey, isInternalKey } from './marker.ts';
import {
  type CommandStep,
  type ConfigureStep,
  type ConfigWrite,
  type CreateServiceStep,
  type ShipStep,
  type Step,
  serviceStepId,
} from './plan.ts';

/** Returns the configuration that records which services were made for the app, for a given list of them. */
export type ServicesMarker = (services: readonly ServiceSpec[]) => Readonly<Record<string, string>>;

/**
 * Returns the steps that bring an app to the state the job asks for, in this order: create the app, write its
 * configuration once (including the marker, which names the services to come), create the services in parallel, link them
 * one at a time, ship the code.
 *
 * Throws `service-not-ours` for a service that exists and that the app's marker does not name.
 */
export function planAppSteps(context: Context, hostState: HostState, markServices: ServicesMarker): Step[] {
  const app = hostState.app ?? 'absent';
  const create = app === 'absent' ? [createAppStep(context.app)] : [];
  const settings = {
    ...changedValues(context, app),
    ...changedPlainValues(markServices(context.services), app),
  };
  const values = { ...settings, ...changedPlainValues(commitConfig(context), app) };
  const needs = create.map(({ id }) => id);
  const configure = Object.keys(values).length > 0 ? [configureStep(context, values, needs)] : [];
  const unlinked = context.services.filter((service) => !isLinked(app, service));
  const after = [...create, ...configure].map(({ id }) => id);
  const services = unlinked.flatMap((service) =>
    serviceSteps(service, { context, hostState, markServices, needs: after }),
  );
  const prepared = [...create, ...configure, ...services];
  const links = linkSteps(context, unlinked, prepared);
  const before = [...prepared, ...links];
  const changed = app !== 'absent' && (Object.keys(settings).length > 0 || links.length > 0);
  return [...before, shipStep(context, hostState, before, changed)];
}

function createAppStep(app: string): CommandStep {
  return {
    kind: 'command',
    id: 'create-app',
    title: `Create the app ${app}`,
    needs: [],
    repeat: 'an existing app that this job does not own is refused',
    command: createApp(app),
    doneIf: [],
    verify: appExists(app),
    staleIf: ['exists'],
  };
}

/** Returns the keys whose value on the host differs from the wanted one. */
function changedValues({ config, vault }: Context, app: AppState | 'absent'): Record<string, Value> {
  return Object.fromEntries(
    config
      .filter((key) => app === 'absent' || app.config[key] !== vault.get(`config.${key}`)?.reveal())
      .map((key) => [key, { secret: `config.${key}` }]),
  );
}

function changedPlainValues(
  values: Readonly<Record<string, string>>,
  app: AppState | 'absent',
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([key, value]) => app === 'absent' || app.config[key] !== value),
  );
}

/** Returns the keys that record the job's commit; Dokku's own GIT_REV holds the snapshot's id. */
function commitConfig({ source: { commit, committedAt } }: Context): Record<string, string> {
  return {
    ...(commit === undefined ? {} : { [commitKey]: commit }),
    ...(committedAt === undefined ? {} : { [committedAtKey]: committedAt }),
  };
}

function configureStep(context: Context, values: Record<string, Value>, needs: string[]): ConfigureStep {
  return {
    kind: 'configure',
    id: 'configure',
    title: configureTitle(context.app, Object.keys(values)),
    needs,
    repeat: 'the same values are written again',
    app: context.app,
    ...configWrite(context.app, values),
  };
}

function configureTitle(app: string, keys: readonly string[]): string {
  const settings = keys.filter((key) => !isInternalKey(key));
  return settings.length > 0 ? `Configure ${app}: ${settings.join(', ')}` : `Record the commit on ${app}`;
}

function configWrite(app: string, values: Readonly<Record<string, Value>>): ConfigWrite {
  return {
    command: importConfig(app, values),
    fallback: setConfig(app, values),
  };
}

interface ServiceStepsInput {
  readonly context: Context;
  readonly hostState: HostState;
  readonly markServices: ServicesMarker;
  readonly needs: string[];
}

function serviceSteps(
  service: ServiceSpec,
  { context, hostState, markServices, needs }: ServiceStepsInput,
): Step[] {
  const state = hostState.services?.[serviceLabel(service)] ?? 'absent';
  const isOwn = ownsService(hostState.app, service);
  if (state !== 'absent' && !isOwn) refuseForeignService(context, service);
  if (state !== 'absent' && state !== 'missing') return [];
  const clear = state === 'missing' ? [clearServiceStep(service, needs)] : [];
  const make: CreateServiceStep = {
    kind: 'create-service',
    id: `create-${serviceStepId(service)}`,
    title: `Create the ${service.plugin} service ${service.name}`,
    needs: clear.length > 0 ? clear.map(({ id }) => id) : needs,
    repeat: 'a service that this app’s marker names counts as made',
    app: context.app,
    service: { plugin: service.plugin, name: service.name },
    command: createService(service, {
      image: service.image,
      version: service.version,
      env: Object.fromEntries(Object.entries(service.env).map(([key, secret]) => [key, { secret }])),
    }),
    markerWithoutService: isOwn
      ? undefined
      : configWrite(context.app, markServices(context.services.filter((other) => other !== service))),
  };
  return [...clear, make];
}

function refuseForeignService(context: Context, service: ServiceSpec): never {
  const label = serviceLabel(service);
  throw new DeployError('service-not-ours', {
    message: `The service ${label} exists and was not made for the app ${context.app}.`,
    remedy:
      `Choose another name for it in .dokku-deploy.yml (services: name), or link the existing service once by hand: ` +
      `dokku ${service.plugin}:link ${service.name} ${context.app}`,
  });
}

/** Removes a service that an earlier run left half-made: the app's marker names it, it was never linked and has no container. */
function clearServiceStep(service: ServiceSpec, needs: string[]): CommandStep {
  return {
    kind: 'command',
    id: `clear-${serviceStepId(service)}`,
    title: `Remove the half-made ${service.plugin} service ${service.name}`,
    needs,
    repeat: 'a missing service counts as removed',
    command: destroyService(service),
    doneIf: ['missing'],
  };
}

/** Links run one at a time: each writes the app's configuration, and of two concurrent writes one is lost. */
function linkSteps(context: Context, wanted: readonly ServiceSpec[], before: readonly Step[]): Step[] {
  const links: Step[] = [];
  for (const service of wanted) {
    const creations = before.filter(
      (step) => step.kind === 'create-service' && serviceLabel(step.service) === serviceLabel(service),
    );
    const previous = links.at(-1)?.id ?? before.find((step) => step.id === 'configure')?.id;
    const needs = [...creations.map(({ id }) => id), ...(previous === undefined ? [] : [previous])];
    links.push(linkStep(context, service, needs));
  }
  return links;
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
    silent: true,
  };
}

function shipStep(
  context: Context,
  hostState: HostState,
  before: readonly Step[],
  rebuild: boolean,
): ShipStep {
  return {
    kind: 'ship',
    id: 'deploy',
    title: `Deploy ${context.source.commit?.slice(0, 8) ?? 'HEAD'} to ${context.app}`,
    needs: before.map(({ id }) => id),
    repeat: 'a commit that is already running is not shipped again',
    app: context.app,
    branch: hostState.deployBranch ?? 'master',
    commit: context.source.commit,
    rebuild: context.rebuild || rebuild,
    waitSeconds: context.waitSeconds,
  };
}
