import type { Context, ServiceSpec } from '../context/context.ts';
import { appExists, createApp } from '../dokku/apps.ts';
import type { Value } from '../dokku/command.ts';
import type { ServiceId } from '../dokku/services.ts';
import { changedRecords, changedSettings, configureStep, obsoleteKeys, unsetStep } from './config-steps.ts';
import { confirmStep } from './confirm.ts';
import { declaredSettings } from './declared-env.ts';
import { findDeployBranch } from './deploy-branch.ts';
import { planDeploySteps } from './deploy-steps.ts';
import { type AppState, type HostState, isLinked, runningVersion } from './host-state.ts';
import { checkLinkVariables } from './link-variables.ts';
import { findMovedServices } from './moved-services.ts';
import { announceSteps, findPending, pendingMark } from './pending.ts';
import type { CommandStep, ConfirmStep, Step } from './plan.ts';
import { planLogin } from './registry-login.ts';
import { linkSteps, type MarkServices, serviceSteps, unlinkSteps } from './service-steps.ts';
import {
  addSettingSteps,
  needsDeploy,
  type SettingsPlan,
  settingSteps,
  withoutBuild,
} from './setting-steps.ts';

interface AppStepsInput {
  readonly context: Context;
  readonly hostState: HostState;
  readonly markServices: MarkServices;
  /** Services of the app that the job no longer asks for, and that are to be unlinked. */
  readonly unlinked: readonly ServiceId[];
  readonly declared: SettingsPlan;
}

/**
 * Returns the steps that bring an app to the state the job asks for, in this order: create the app, unlink and unset what
 * is no longer wanted, write the configuration once (including the mark, which names the services to come), create the
 * services in parallel, link them one at a time, ship the code, record the commit.
 *
 * Throws `service-not-ours` and `service-not-running` for a service that can't be used, and `configuration` for variables
 * that app.json requires and that are not set anywhere, and for one that is to hold a service's URL and is set.
 */
export function planAppSteps(input: AppStepsInput): Step[] {
  const { context, hostState, markServices } = input;
  const app = hostState.app ?? 'absent';
  const create = app === 'absent' ? [createAppStep(context.app)] : [];
  const moved = findMovedServices(context, app);
  const unlinked = [...input.unlinked, ...moved];
  const obsolete = obsoleteKeys(context, app, unlinked);
  const settings = { ...declaredSettings(context, app, obsolete), ...changedSettings(context, app) };
  const missing = context.services.filter((service) => !isLinked(app, service));
  const wanted = inLinkOrder([...missing, ...moved]);
  const changes = [...Object.keys(settings), ...unlinked, ...obsolete, ...missing];
  const pending = findPending(context, hostState, changes.length > 0);
  const isConfigured = changes.length > 0 || pending !== undefined;
  const mayBuild = isConfigured || !runsAlready(context, hostState);
  const declared = mayBuild ? input.declared : withoutBuild(input.declared, hostState);
  const isFirstRemoved = unlinked.length + obsolete.length > 0;
  const announce = isFirstRemoved ? announceSteps(context.app, app, pending) : [];
  const unlinks = unlinkSteps(context.app, unlinked, lastId(announce));
  const unset =
    obsolete.length > 0 ? [unsetStep(context.app, obsolete, lastId([...announce, ...unlinks]))] : [];
  const marks = { ...markServices(context.services), ...declared.marks, ...pendingMark(pending) };
  const values = { ...settings, ...changedRecords(context, app, marks) };
  const prepared = [...create, ...announce, ...unlinks, ...unset];
  const configure =
    Object.keys(values).length > 0 ? [configureStep(context.app, values, lastId(prepared))] : [];
  checkLinkVariables(configBeforeLinks(context, app, { removed: obsolete, written: values }), {
    links: wanted,
    requested: context.services,
  });
  // The app has its mark then. With settings and without it, it could look like someone else's after a killed run.
  const marked = [...create, ...configure].map(({ id }) => id);
  const services = missing.flatMap((service) =>
    serviceSteps(service, { context, hostState, markServices, needs: marked }),
  );
  const needs = lastId([...prepared, ...configure]);
  const applied = settingSteps(context, declared, { phase: 'before-deploy', needs });
  const ready = [...prepared, ...configure, ...applied, ...services];
  const links = linkSteps(context, wanted, ready);
  const isChangedConfig = obsolete.length > 0 || Object.keys(settings).length > 0;
  const isConfirmed = links.length > 0 || (app !== 'absent' && isChangedConfig);
  const written = { values, removed: obsolete, links, wanted, needs: lastId([...configure, ...links]) };
  const confirm = isConfirmed ? [confirmPlan(context, written)] : [];
  const before = [...ready, ...links, ...confirm, ...planLogin(context, hostState, lastId(create))];
  const isChanged = isConfigured || needsDeploy(declared);
  const target = { ...hostState, deployBranch: findDeployBranch(context, hostState, declared) };
  const rebuild = app !== 'absent' && isChanged;
  const deploy = planDeploySteps(context, target, { before, rebuild, pending });
  return [...before, ...addSettingSteps(context, declared, deploy)];
}

/** The plugins search for their variable as a part of a line: after `MY_DATABASE_URL`, `DATABASE_URL` counts as taken. */
function inLinkOrder(services: readonly ServiceSpec[]): readonly ServiceSpec[] {
  return services.toSorted((one, other) => (one.as?.length ?? 0) - (other.as?.length ?? 0));
}

function configBeforeLinks(
  { vault }: Context,
  app: AppState | 'absent',
  change: { readonly removed: readonly string[]; readonly written: Readonly<Record<string, Value>> },
): ReadonlyMap<string, string> {
  const kept = app === 'absent' ? [] : [...app.config].filter(([key]) => !change.removed.includes(key));
  const written = Object.entries(change.written).map(([key, value]) => {
    const text =
      typeof value === 'string' ? value : 'secret' in value ? vault.get(value.secret)?.reveal() : '';
    return [key, text ?? ''] as const;
  });
  return new Map([...kept, ...written]);
}

/** Whether the job's commit is what was deployed last, with success: its deploy builds nothing unless it must. */
function runsAlready({ rebuild }: Context, hostState: HostState): boolean {
  const { revision, attempted } = runningVersion(hostState);
  return !rebuild && hostState.order === 'same' && revision !== undefined && revision === attempted;
}

interface Written {
  readonly values: Readonly<Record<string, Value>>;
  readonly removed: readonly string[];
  readonly links: readonly CommandStep[];
  /** The services of the links, in the same order. */
  readonly wanted: readonly ServiceId[];
  readonly needs: readonly string[];
}

/** Of two writes at the same time Dokku keeps one: another job may record its deploy, or write other values. */
function confirmPlan({ app }: Context, { values, removed, links, wanted, needs }: Written): ConfirmStep {
  return confirmStep(app, {
    values,
    removed,
    links: wanted.flatMap(({ plugin, name }, index) => {
      const command = links[index]?.command;
      return command ? [{ service: { plugin, name }, command }] : [];
    }),
    needs,
  });
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

function lastId(steps: readonly Step[]): string[] {
  return steps.slice(-1).map(({ id }) => id);
}
