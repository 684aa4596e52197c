import { fail } from '../host/answers.ts';
import type { Service } from '../host/service.ts';
import type { App } from '../host/state.ts';
import { findAppByName, findService, type ServiceRequest } from './lookup.ts';

export type Command = (request: ServiceRequest) => number | Promise<number>;

/** Handles a command on a service that exists. */
export type ServiceHandler = (
  request: ServiceRequest & { readonly service: Service },
) => number | Promise<number>;

/** A command on a service and an app that both exist. */
export type ServiceAndApp = ServiceRequest & { readonly service: Service; readonly app: App };

export const noService = 'Please specify a valid name for the service';

/**
 * Returns a command that finds the service named by the first word, and prints the plugin's error where there is none.
 * `missing` is the error for a command without words.
 */
export function withService(handler: ServiceHandler, missing = noService): Command {
  return (request) => {
    const [name = ''] = request.call.words;
    if (name === '') return fail(request.call, missing);
    const service = findService(request, name);
    return typeof service === 'number' ? service : handler({ ...request, service });
  };
}

/** Like `withService`, for a service and an app. `first` is checked first, as in the plugin's script. */
export function withServiceAndApp(
  handler: (request: ServiceAndApp) => number | Promise<number>,
  first: 'service' | 'app',
): Command {
  return (request) => {
    const [name = '', appName = ''] = request.call.words;
    if (name === '') return fail(request.call, noService);
    if (appName === '') return fail(request.call, 'Please specify an app to run the command on');
    const verified = first === 'app' ? findAppByName(request, appName) : undefined;
    if (typeof verified === 'number') return verified;
    const service = findService(request, name);
    if (typeof service === 'number') return service;
    const app = verified ?? findAppByName(request, appName);
    return typeof app === 'number' ? app : handler({ ...request, service, app });
  };
}
