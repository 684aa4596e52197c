import { fail } from '../host/answers.ts';
import type { Service } from '../host/service.ts';
import type { App } from '../host/state.ts';
import { type Asked, verifyApp, verifyService } from './lookup.ts';

export type Command = (asked: Asked) => number | Promise<number>;

/** Answers a command that is for a service that exists. */
export type ServiceHandler = (asked: Asked & { readonly service: Service }) => number | Promise<number>;

/** What a command for a service and an app is given, which both exist. */
export type ServiceAndApp = Asked & { readonly service: Service; readonly app: App };

export const noService = 'Please specify a valid name for the service';

/**
 * Returns a command that finds the service named by the first word, and prints the plugin's error where there is none.
 * `missing` is the error for a command without words.
 */
export function withService(handler: ServiceHandler, missing = noService): Command {
  return (asked) => {
    const [name = ''] = asked.call.words;
    if (name === '') return fail(asked.call, missing);
    const service = verifyService(asked, name);
    return typeof service === 'number' ? service : handler({ ...asked, service });
  };
}

/** As `withService`, for a service and an app. `first` is verified first, as the plugin's script does. */
export function withServiceAndApp(
  handler: (asked: ServiceAndApp) => number | Promise<number>,
  first: 'service' | 'app',
): Command {
  return (asked) => {
    const [name = '', appName = ''] = asked.call.words;
    if (name === '') return fail(asked.call, noService);
    if (appName === '') return fail(asked.call, 'Please specify an app to run the command on');
    const verified = first === 'app' ? verifyApp(asked, appName) : undefined;
    if (typeof verified === 'number') return verified;
    const service = verifyService(asked, name);
    if (typeof service === 'number') return service;
    const app = verified ?? verifyApp(asked, appName);
    return typeof app === 'number' ? app : handler({ ...asked, service, app });
  };
}
