import type { Context } from '../context/context.ts';
import type { Command } from '../dokku/command.ts';
import { pluginMissingError, refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readServiceInfo } from '../dokku/service-info.ts';
import { type ServiceId, serviceExists, serviceInfo, serviceLabel } from '../dokku/services.ts';
import { type HostState, isLinked, ownsService, type ServiceState } from './host-state.ts';
import type { Question } from './question.ts';
import { keepServiceNames } from './service-names.ts';

/** Returns the open questions about the services that the job asks for; none about those that are linked already. */
export function serviceQuestions(context: Context, hostState: HostState): Question[] {
  const { app, services } = hostState;
  return keepServiceNames(context, hostState).services.flatMap((service) => {
    if (isLinked(app, service)) return [];
    const state = services?.get(serviceLabel(service));
    if (state === 'missing') return [infoQuestion(service)];
    if (state !== undefined) return [];
    return [ownsService(app, service) ? ownQuestion(service, context.app) : existsQuestion(service)];
  });
}

function infoQuestion(service: ServiceId): Question {
  return serviceQuestion(service, serviceInfo(service), (stdout) => {
    const { hadContainer, lacksPassword } = readServiceInfo(stdout);
    if (hadContainer) return 'stopped';
    return lacksPassword ? 'hollow' : 'unfinished';
  });
}

function serviceQuestion(
  service: ServiceId,
  command: Command,
  read: (stdout: string) => ServiceState,
): Question {
  const label = serviceLabel(service);
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'answered') return { services: new Map([[label, read(answer.stdout)]]) };
      const refusal = classifyRefusal(answer);
      if (refusal === 'missing') return { services: new Map([[label, 'absent']]) };
      if (refusal === 'unknown-command') throw pluginMissingError(service.plugin, [answer.stderr.trim()]);
      throw refusedError(command, answer);
    },
  };
}

/**
 * The app is not linked to the service, so an app that is has it now: the service may have been made by someone else after
 * the app had named it.
 */
function ownQuestion(service: ServiceId, app: string): Question {
  return serviceQuestion(service, serviceInfo(service), (stdout) => {
    const { links, status } = readServiceInfo(stdout);
    return links.length > 0 && !links.includes(app) ? 'taken' : readContainerState(status);
  });
}

/** Docker's state of the container, or `missing` without one: `stop` removes it, and keeps the data. */
function readContainerState(status: string): ServiceState {
  switch (status) {
    case 'running':
    case 'restarting':
      return 'running';
    case 'created':
      return 'unfinished';
    case '':
    case 'missing':
      return 'missing';
    default:
      return 'stopped';
  }
}

function existsQuestion(service: ServiceId): Question {
  return serviceQuestion(service, serviceExists(service), () => 'present');
}
