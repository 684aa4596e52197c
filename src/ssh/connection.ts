import type { Client, ConnectConfig, PublicKeyAuthMethod, ServerHostKeyAlgorithm } from 'ssh2';
import type { Access } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';
import {
  checkHostKey,
  chooseAlgorithms,
  formatKnownHostsLine,
  formatKnownHostsName,
  hostKeyError,
} from './host-key.ts';

/** Milliseconds a connection may take from the first packet to the completed login. */
export const connectTimeout = 15_000;

export interface ConnectOptions {
  readonly access: Access;
  /** Receives a warning if a host key was accepted without being pinned. */
  readonly warn: (message: string) => void;
  /** Milliseconds; the default is `connectTimeout`. */
  readonly timeout?: number | undefined;
}

type SshError = Error & { level?: string; code?: string };

/**
 * Opens an SSH connection and logs in. A wrong host key ends the connection before the login.
 *
 * Throws `host-not-reached`, `host-key-unknown`, `host-key-changed` and `key-refused`.
 */
export async function openConnection(options: ConnectOptions): Promise<Client> {
  const { Client: SshClient } = (await import('ssh2')).default;
  // Each open channel listens for the end of the connection; Node prints a warning for more than ten listeners.
  const client = new SshClient().setMaxListeners(32);
  const verifier = createVerifier(options);
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  client.once('ready', () => {
    client.setNoDelay(true);
    resolve(client);
  });
  // There can be several errors, also after the login: the listener stays for the life of the connection.
  client.on('error', (error: SshError) => reject(verifier.rejected ?? toConnectError(options, error)));
  client.once('close', () => {
    const error = verifier.rejected ?? unreachableError(options, new Error('the host closed the connection'));
    reject(error);
  });
  try {
    client.connect(buildConnectConfig(options, verifier.verify));
  } catch (error) {
    reject(unreachableError(options, error as SshError));
  }
  return promise;
}

interface HostVerifier {
  readonly verify: (blob: Buffer) => boolean;
  rejected: DeployError | undefined;
}

function createVerifier({ access, warn }: ConnectOptions): HostVerifier {
  const { hostKeys, address } = access;
  const self: HostVerifier = {
    rejected: undefined,
    verify: (blob) => {
      const verdict = checkHostKey(hostKeys, address, blob);
      if (verdict === 'known') return true;
      if (verdict === 'unknown' && hostKeys.checking === 'accept-new') {
        warn(
          `the host key of ${formatKnownHostsName(address)} is not pinned; accepted because of SSH_HOST_KEY_CHECKING=accept-new: ${formatKnownHostsLine(address, blob)}`,
        );
        return true;
      }
      self.rejected = hostKeyError(hostKeys, address, { blob, verdict });
      return false;
    },
  };
  return self;
}

function toConnectError(options: ConnectOptions, error: SshError): DeployError {
  if (error.level === 'client-authentication') return keyRefusedError(options, error);
  if (/no matching host key/i.test(error.message)) return noCommonKeyError(options, error);
  return unreachableError(options, error);
}

function keyRefusedError({ access }: ConnectOptions, error: SshError): DeployError {
  return new DeployError('key-refused', {
    message: `${access.address.user}@${formatKnownHostsName(access.address)} does not accept SSH_PRIVATE_KEY (${access.privateKey.type} ${access.privateKey.fingerprint}).`,
    remedy:
      'Add its public key to Dokku. On the host, as root: dokku ssh-keys:add gitlab-ci deploy_key.pub (ssh-keygen -y -f deploy_key prints the public key).',
    cause: error,
  });
}

function noCommonKeyError({ access }: ConnectOptions, error: SshError): DeployError {
  return new DeployError('host-key-changed', {
    message: `${formatKnownHostsName(access.address)} has no host key of a type that SSH_KNOWN_HOSTS pins for it.`,
    said: [error.message],
    remedy:
      'Add the current key of the host to SSH_KNOWN_HOSTS: ssh-keyscan prints it. First compare its fingerprint with the one on the host.',
  });
}

const remedies: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Check the name in DOKKU_HOST.',
  EAI_AGAIN: 'The name server did not answer: try again, or check the DNS settings of the runner.',
  ECONNREFUSED: 'Check the port in DOKKU_HOST (host:port), and that the SSH server is running.',
  EHOSTUNREACH: 'Check the network between the runner and the host.',
  ENETUNREACH: 'Check the network between the runner and the host.',
};

function unreachableError(
  { access, timeout = connectTimeout }: ConnectOptions,
  error: SshError,
): DeployError {
  const where = formatKnownHostsName(access.address);
  if (error.level === 'client-timeout') {
    return new DeployError('host-not-reached', {
      message: `${where} did not answer within ${timeout / 1_000} s.`,
      remedy: 'Check DOKKU_HOST, and that no firewall blocks the SSH port for the runner.',
      cause: error,
    });
  }
  return new DeployError('host-not-reached', {
    message: `${where} could not be reached: ${error.message}`,
    remedy:
      remedies[error.code ?? ''] ?? 'Run the job again. If the error persists, ask the operator of the host.',
    cause: error,
  });
}

function buildConnectConfig(
  { access, timeout = connectTimeout }: ConnectOptions,
  verify: HostVerifier['verify'],
): ConnectConfig {
  const { address, privateKey, hostKeys } = access;
  const offered = chooseAlgorithms(hostKeys, address) as ServerHostKeyAlgorithm[] | undefined;
  const passphrase = privateKey.passphrase?.reveal();
  const login: PublicKeyAuthMethod = {
    type: 'publickey',
    username: address.user,
    key: privateKey.pem.reveal(),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  return {
    host: address.host,
    port: address.port,
    username: address.user,
    readyTimeout: timeout,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    hostVerifier: verify,
    authHandler: [login],
    ...(offered === undefined ? {} : { algorithms: { serverHostKey: offered } }),
  };
}
