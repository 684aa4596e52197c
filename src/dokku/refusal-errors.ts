import { DeployError } from '../errors.ts';
import { type Answer, type Command, displayCommand } from './command.ts';
import { cleanHostOutput } from './refusals.ts';

/** The error for a refusal that needs no further explanation: the command, and the host's own words. */
export function refusedError(command: Command, answer: Answer & { readonly kind: 'refused' }): DeployError {
  return new DeployError('host-refused', {
    message: `The host refused: ${displayCommand(command)} (exit ${answer.exit})`,
    said: cleanHostOutput(`${answer.stderr}\n${answer.stdout}`),
    remedy: 'Mend what the host says, and run the job again.',
  });
}

/** The error for a service type that the host has no plugin for. */
export function pluginMissingError(plugin: string, said: readonly string[]): DeployError {
  return new DeployError('plugin-missing', {
    message: `The host has no plugin for ${plugin}.`,
    said,
    remedy: `An operator installs it: dokku plugin:install https://github.com/dokku/dokku-${plugin}.git ${plugin}. Or take ${plugin} out of the services.`,
  });
}

/** The error for an answer that should be JSON and isn't. It repeats none of it: half of it may be the app's configuration. */
export function notJsonError(command: Command, cause: SyntaxError): DeployError {
  return new DeployError('host-refused', {
    message: `What the host answered to ${displayCommand(command)} is no JSON.`,
    remedy:
      'Check DOKKU_HOST and its user (dokku, unless the host was set up with another), and that no plugin on the host prints anything besides.',
    cause,
  });
}
