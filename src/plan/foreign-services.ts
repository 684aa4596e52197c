import type { Context } from '../context/context.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { appLinks, isSameService, readServiceUrl, type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { obsoleteKeys } from './config-steps.ts';
import type { HostState } from './host-state.ts';
import type { Question } from './question.ts';
import { keepServiceNames } from './service-names.ts';

/** Returns the questions about services that the configuration of a review app leads to, and that are not its own. */
export function appLinksQuestions(context: Context, hostState: HostState): Question[] {
  if (context.target !== 'review') return [];
  const plugins = new Set(findForeignUrls(context, hostState).map(({ service }) => service.plugin));
  return [...plugins]
    .filter((plugin) => hostState.appLinks?.has(plugin) !== true)
    .map((plugin) => appLinksQuestion(context.app, plugin));
}

interface ForeignUrl {
  readonly key: string;
  readonly service: ServiceId;
}

/** Returns the variables of the review app, as this run leaves them, that lead to a service of another app. */
function findForeignUrls(context: Context, hostState: HostState): ForeignUrl[] {
  const { app } = hostState;
  const { services } = keepServiceNames(context, hostState);
  const own = [...services, ...(typeof app === 'object' ? (app.marker?.services ?? []) : [])];
  return [...configAfterwards(context, app)].flatMap(([key, value]) => {
    const service = readServiceUrl(value);
    return service === undefined || own.some((one) => isSameService(service, one)) ? [] : [{ key, service }];
  });
}

function configAfterwards(context: Context, app: HostState['app'] = 'absent'): ReadonlyMap<string, string> {
  const { config, declaredEnv, vault } = context;
  const declared = declaredEnv.flatMap(({ key, value }) =>
    value === undefined ? [] : [[key, value] as const],
  );
  const removed = obsoleteKeys(context, app, []);
  const current = app === 'absent' ? [] : [...app.config].filter(([key]) => !removed.includes(key));
  const wanted = config.map((key) => [key, vault.get(`config.${key}`)?.reveal() ?? ''] as const);
  return new Map([...declared, ...current, ...wanted]);
}

function appLinksQuestion(app: string, plugin: string): Question {
  return {
    command: appLinks(plugin, app),
    read: (answer) => {
      if (answer.kind === 'answered') {
        const names = answer.stdout.split('\n').map((line) => line.trim());
        return { appLinks: new Map([[plugin, names.filter((name) => name !== '')]]) };
      }
      const links = classifyRefusal(answer) === 'unknown-command' ? 'no-plugin' : [];
      return { appLinks: new Map([[plugin, links]]) };
    },
  };
}

/**
 * Refuses a review app whose variables lead to another app's service, for example to the database of production. A service
 * that an operator linked to the app by hand is shared on purpose.
 *
 * Throws `service-not-ours`.
 */
export function refuseForeignServices(context: Context, hostState: HostState): void {
  for (const { key, service } of findForeignUrls(context, hostState)) {
    const links = hostState.appLinks?.get(service.plugin) ?? [];
    if (
      links === 'no-plugin' ||
      links.some((name) => isSameService(service, { plugin: service.plugin, name }))
    )
      continue;
    const { plugin, name } = service;
    throw new DeployError('service-not-ours', {
      message: `${key} of the review app ${context.app} leads to ${serviceLabel(service)}, which is not its own service.`,
      remedy: `Give the review app its own service (services: in .dokku-deploy.yml), and remove ${key} from env and from the app. To share this service on purpose, link it by hand: dokku ${plugin}:link ${name} ${context.app}`,
    });
  }
}
