import type { Context } from '../context/context.ts';
import { type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { planAppSteps } from './app-steps.ts';
import { describeUnreadableReleases } from './deploy-record.ts';
import { checkOwner } from './environment-owner.ts';
import { type AppState, type HostState, isLinked, runningVersion } from './host-state.ts';
import { ownerKey, servicesKey } from './keys.ts';
import { formatServices } from './marker.ts';
import { describeOtherVariables } from './moved-services.ts';
import { formatOwner, ownerOf } from './owner.ts';
import type { Plan } from './plan.ts';
import { keepServiceNames } from './service-names.ts';
import type { MarkServices } from './service-steps.ts';
import { describeDrift, planSettings } from './setting-steps.ts';

/**
 * Returns the plan of `deploy`: the environment's app, created with its services when it is missing, and marked as this
 * environment's. No step destroys anything, whatever the host's state.
 *
 * Throws `app-not-ours`, `service-not-ours`, `service-not-running`, `older-commit`, and `host-refused` for a missing app
 * under `--no-create`.
 */
export function planDeploy(given: Context, hostState: HostState): Plan {
  const context = keepServiceNames(given, hostState);
  const { app = 'absent' } = hostState;
  if (app === 'absent' && !context.createMissing) refuseMissing(context);
  const notes = app === 'absent' ? [] : checkOwner(context, app);
  refuseOlder(context, hostState);
  const replaced = findReplacedServices(context, app);
  const declared = planSettings(context, hostState);
  return {
    version: 1,
    command: context.environment ? `deploy ${context.environment}` : 'deploy',
    app: context.app,
    host: undefined,
    steps: planAppSteps({
      context,
      hostState,
      markServices: createMarkServices(context, app),
      unlinked: replaced,
      declared,
    }),
    notes: [
      ...context.notes,
      ...describeDrift(declared),
      ...notes,
      ...replaced.map(
        (service) => `${serviceLabel(service)} is no longer requested; it is unlinked and kept`,
      ),
    ],
    warnings: [
      ...describeRollback(context, hostState),
      ...(app === 'absent' ? [] : describeUnreadableReleases(context.app, app.config)),
      ...describeOtherVariables(context, app),
      ...declared.warnings,
    ],
    services: context.services.map(serviceLabel),
  };
}

function refuseMissing(context: Context): never {
  throw new DeployError('host-refused', {
    message: `There is no app ${context.app} on the host, and --no-create forbids creating it.`,
    remedy: `Create it once (dokku apps:create ${context.app}), or omit --no-create.`,
  });
}

/** An environment goes back to an older commit only on request: a late job must not undo a newer job's deploy. */
function refuseOlder(context: Context, hostState: HostState): void {
  if (hostState.order !== 'older' || context.allowOlder) return;
  throw new DeployError('older-commit', {
    message: `${compareWithRunning(context, hostState)}.`,
    remedy:
      'Deploy the newer commit. To roll back, use the environment’s Rollback button in GitLab, pass --allow-older, or set DOKKU_DEPLOY_ALLOW_OLDER=true.',
  });
}

function describeRollback(context: Context, hostState: HostState): string[] {
  return hostState.order === 'older' ? [`this is a rollback: ${compareWithRunning(context, hostState)}`] : [];
}

function compareWithRunning({ app, source }: Context, hostState: HostState): string {
  const { record } = runningVersion(hostState);
  const name = (commit: string | undefined, date: string | undefined) =>
    [commit?.slice(0, 8), date === undefined ? '' : ` of ${date}`].join('');
  return `${app} runs ${name(record?.commit, record?.committedAt)}, and the commit of this job, ${name(source.commit, source.committedAt)}, is older`;
}

/**
 * Returns the services made for the app that the job no longer asks for, if it asks for another one that is to be linked:
 * the new one would otherwise get a variable that the app does not read.
 */
function findReplacedServices({ services }: Context, app: AppState | 'absent'): ServiceId[] {
  if (app === 'absent' || services.every((service) => isLinked(app, service))) return [];
  const requested = new Set(services.map(serviceLabel));
  return app.created.filter((service) => !requested.has(serviceLabel(service)) && isLinked(app, service));
}

/**
 * Returns the function that marks the app: with its owner, and with the names of the services that were or will be made
 * for it. Those that an operator linked by hand are not among them.
 */
function createMarkServices(context: Context, app: AppState | 'absent'): MarkServices {
  const owner = { [ownerKey]: formatOwner(ownerOf(context, app === 'absent' ? undefined : app.owner)) };
  const created: readonly ServiceId[] = app === 'absent' ? [] : app.created;
  const known = new Set(created.map(serviceLabel));
  const isNew = (service: ServiceId) => !known.has(serviceLabel(service)) && !isLinked(app, service);
  if (created.length === 0 && !context.services.some(isNew)) return () => owner;
  return (services) => ({
    ...owner,
    [servicesKey]: formatServices([...created, ...services.filter(isNew)]),
  });
}
