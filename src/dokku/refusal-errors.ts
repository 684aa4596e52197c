import { DeployError } from '../errors.ts';
import { type Answer, type Command, displayCommand } from './command.ts';
import { cleanHostOutput } from './refusals.ts';

/** Returns the error for a refusal that needs no further explanation: the command and the host's own words. */
export function refusedError(command: Command, answer: Answer & { readonly kind: 'refused' }): DeployError {
  return new DeployError('host-refused', {
    message: `The host refused: ${displayCommand(command)} (exit ${answer.exit})`,
    said: cleanHostOutput(`${answer.stderr}\n${answer.stdout}`),
    remedy: 'Fix what the host reports, and run the job again.',
  });
}

// What Dokku's parser of the ENV file (godotenv) prints. It ends with a part of the file, which may be a secret.
const unreadableConfig =
  /unterminated quoted value|unexpected character|can't separate key from value|zero length string|token too long/i;

/** Returns the error for a refusal to print an app's configuration. */
export function configRefusedError(
  app: string,
  command: Command,
  answer: Answer & { readonly kind: 'refused' },
): DeployError {
  if (!unreadableConfig.test(`${answer.stderr}\n${answer.stdout}`)) return refusedError(command, answer);
  return new DeployError('host-refused', {
    message: `The host cannot read the configuration of ${app}: a value in it is damaged.`,
    remedy: `No Dokku command can repair it. An operator removes the damaged line from the app’s ENV file on the host: /var/lib/dokku/config/${app}/ENV, or /home/dokku/${app}/ENV on older versions. Then run the job again.`,
  });
}

/** Returns the error for a service type without a plugin on the host. */
export function pluginMissingError(plugin: string, said: readonly string[]): DeployError {
  return new DeployError('plugin-missing', {
    message: `The host has no plugin for ${plugin}.`,
    said,
    remedy: `Ask an operator to install it: dokku plugin:install https://github.com/dokku/dokku-${plugin}.git ${plugin}. Or remove ${plugin} from the services.`,
  });
}

/** Returns the error for a command of a plugin that the host had when the app was made. */
export function pluginGoneError(command: Command, said: readonly string[]): DeployError {
  const words = displayCommand(command);
  const [plugin = words] = words.split(':');
  return new DeployError('plugin-missing', {
    message: `The host does not know the command: ${words}`,
    said,
    remedy: `Ask an operator to install the plugin ${plugin} again, or a newer version of it, and run the job again: without it, its services and their data cannot be removed.`,
  });
}

/** Returns the error for a declared setting whose plugin the host lacks. */
export function pluginRequiredError(
  key: string,
  { name, url }: { readonly name: string; readonly url: string },
  said: readonly string[],
): DeployError {
  return new DeployError('plugin-missing', {
    message: `${key} needs the plugin ${name}, which the host does not have. Nothing was changed.`,
    said,
    remedy: `Ask an operator to install it: sudo dokku plugin:install ${url}. For review apps, optional: true leaves the setting out where the plugin is missing.`,
  });
}

/** Returns the error for an answer that should be JSON. It repeats none of the answer, which may be half of the app's configuration. */
export function notJsonError(command: Command, cause?: SyntaxError): DeployError {
  return new DeployError('host-refused', {
    message: `The host’s answer to ${displayCommand(command)} is not JSON.`,
    remedy:
      'Check DOKKU_HOST and its user (dokku, unless the host was set up with another), and that no plugin on the host prints anything else.',
    cause,
  });
}
