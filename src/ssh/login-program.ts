import type { Access } from '../access/access-types.ts';
import type { CommandResult } from '../dokku/command.ts';
import { DeployError } from '../errors.ts';
import { formatKnownHostsName } from './host-key-error.ts';

/**
 * Returns the error for a refusal that comes from a shell or another program instead of Dokku; undefined for any other.
 * A key gives a shell if it was added to `authorized_keys` by hand, or if it belongs to another user.
 */
export function notDokkuError(
  { address, privateKey }: Access,
  line: string,
  { stdout, stderr }: CommandResult & { readonly kind: 'refused' },
): DeployError | undefined {
  const output = `${stderr.slice(0, longestRefusal)}\n${stdout.slice(0, longestRefusal)}`.trim();
  const program = isFromShell(output, line) ? 'a shell' : findOtherProgram(output);
  if (program === undefined) return undefined;
  const host = formatKnownHostsName(address);
  const addKey = `On the host, as root: dokku ssh-keys:add gitlab-ci deploy_key.pub (the public key of ${privateKey.fingerprint}).`;
  return new DeployError('not-dokku', {
    message: `The login ${address.user}@${host} runs ${program} instead of Dokku.`,
    said: output.split('\n'),
    remedy:
      address.user === 'dokku'
        ? `The key was added to /home/dokku/.ssh/authorized_keys by hand, for example with ssh-copy-id. Remove that line, and add the key with Dokku. ${addKey}`
        : `DOKKU_HOST names the user ${address.user}; Dokku’s user is dokku. Set DOKKU_HOST to ${host.startsWith('[') ? `ssh://dokku@${address.host}:${address.port}` : host}, and add the key to Dokku, if it is not known there. ${addKey}`,
  });
}

/** Characters. What other programs print instead of carrying out a command is short. */
const longestRefusal = 2_000;

/** Whether a shell did not find a command. Dokku reports an unknown command in other words. */
function isFromShell(output: string, line: string): boolean {
  const [command = ''] = line.split(' ').filter((word) => !word.startsWith('--'));
  return output.split('\n').some((one) => one.includes(command) && /not found|unknown command/i.test(one));
}

const otherPrograms: readonly (readonly [RegExp, string])[] = [
  [/This account is currently not available/, 'nologin'],
  [/allows sftp connections only/, 'sftp'],
  [/Please login as the user/, 'a message of the cloud provider'],
  [/unrecognized command '|git shell is not enabled/, 'git-shell'],
];

function findOtherProgram(output: string): string | undefined {
  return otherPrograms.find(([pattern]) => pattern.test(output))?.[1];
}
