import type { HostAddress } from '../access/access-types.ts';
import { formatAddress, readHostAddress, readRemoteApp } from '../access/host-address.ts';
import { type Problem, quoteValue } from '../problems.ts';
import { type Env, readVariable } from './ci-systems.ts';
import type { OfficialValues } from './official-variables.ts';

/** The host and the app of GIT_REMOTE_URL. */
export interface Remote {
  readonly app: string;
  /** As DOKKU_HOST. */
  readonly host: string;
  readonly address: HostAddress;
  /** `ssh://dokku@host:22`, as the hooks get it. */
  readonly sshRemote: string;
}

/** Reads GIT_REMOTE_URL, and adds what is wrong with it, or with the key of the host, to `problems`. */
export function readRemote(env: Env, values: OfficialValues, problems: Problem[]): Remote | undefined {
  problems.push(...checkHostKey(env, values));
  const { GIT_REMOTE_URL: url } = values;
  const wrong = url === undefined ? 'not set' : describeProblem(url);
  if (url !== undefined && wrong === undefined) return parseRemote(url);
  problems.push({
    where: 'GIT_REMOTE_URL',
    message: wrong ?? '',
    remedy: 'Set it to ssh://dokku@dokku.example.com/APP.',
  });
  return undefined;
}

/** The official image trusts whatever host answers. */
function checkHostKey(env: Env, { SSH_HOST_KEY }: OfficialValues): Problem[] {
  const isSet = (name: string) => readVariable(env, name) !== undefined;
  // A gate is reached instead of the host, and pinned in its own way.
  const others = ['SSH_KNOWN_HOSTS', 'SSH_HOST_KEY_CHECKING', 'DOKKU_GATE'];
  if (SSH_HOST_KEY !== undefined || others.some(isSet)) return [];
  return [
    {
      where: 'SSH_HOST_KEY',
      message: 'not set: the key of the host cannot be checked, and the official image would accept any',
      remedy:
        'Set it to the output of ssh-keyscan, after you have compared it with the key on the host. To accept any key as before, set SSH_HOST_KEY_CHECKING=accept-new.',
    },
  ];
}

function describeProblem(url: string): string | undefined {
  const address = readHostAddress(url);
  if ('problem' in address) return `${quoteValue(url)} ${address.problem}`;
  return readRemoteApp(url) === undefined ? `${quoteValue(url)} names no app` : undefined;
}

function parseRemote(url: string): Remote | undefined {
  const address = readHostAddress(url);
  const app = readRemoteApp(url);
  if ('problem' in address || app === undefined) return undefined;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    app,
    address,
    host: formatAddress(address),
    sshRemote: `ssh://${address.user}@${host}:${address.port}`,
  };
}

/** Returns this tool's variables for the access to the host. */
export function accessVariables(env: Env, values: OfficialValues, { host }: Remote): Env {
  return {
    DOKKU_HOST: host,
    SSH_PRIVATE_KEY: values.SSH_PRIVATE_KEY,
    SSH_PRIVATE_KEY_BASE64: values.SSH_PRIVATE_KEY_BASE64,
    SSH_PASSPHRASE: values.SSH_PASSPHRASE,
    SSH_KNOWN_HOSTS: values.SSH_HOST_KEY ?? readVariable(env, 'SSH_KNOWN_HOSTS')?.value,
  };
}
