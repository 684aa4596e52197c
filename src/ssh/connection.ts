import type { Client, ConnectConfig, PublicKeyAuthMethod, ServerHostKeyAlgorithm } from 'ssh2';
import type { Access } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';
import { hostKeyError, judge, knownName, offeredAlgorithms, pasteLine } from './host-key.ts';

/** Milliseconds after which a host that does not answer is given up, from the first packet to the login. */
export const connectTimeout = 15_000;

export interface Connecting {
  readonly access: Access;
  /** Told of a host key that was accepted without being pinned. */
  readonly warn: (message: string) => void;
  /** Milliseconds; `connectTimeout` by default. */
  readonly timeout?: number | undefined;
}

type SshError = Error & { level?: string; code?: string };

/**
 * Opens one SSH connection and logs in.
 *
 * Raises `host-not-reached`, `host-key-unknown`, `host-key-changed` and `key-refused`; a wrong host key stops it before
 * the login.
 */
export async function openConnection(connecting: Connecting): Promise<Client> {
  const { Client: SshClient } = (await import('ssh2')).default;
  // Each open channel listens for the connection's end; Node warns on stderr of more than ten listeners.
  const client = new SshClient().setMaxListeners(32);
  const verification = verifier(connecting);
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  client.once('ready', () => {
    client.setNoDelay(true);
    resolve(client);
  });
  // Errors come more than once, also after the login: the listener stays for the connection's whole life.
  client.on('error', (error: SshError) => reject(verification.rejected ?? explain(connecting, error)));
  client.once('close', () => {
    const error =
      verification.rejected ?? unreachable(connecting, new Error('the host closed the connection'));
    reject(error);
  });
  try {
    client.connect(configOf(connecting, verification.verify));
  } catch (error) {
    reject(unreachable(connecting, error as SshError));
  }
  return promise;
}

interface Verifier {
  readonly verify: (blob: Buffer) => boolean;
  rejected: DeployError | undefined;
}

function verifier({ access, warn }: Connecting): Verifier {
  const { hostKeys, address } = access;
  const self: Verifier = {
    rejected: undefined,
    verify: (blob) => {
      const judgement = judge(hostKeys, address, blob);
      if (judgement === 'known') return true;
      if (judgement === 'unknown' && hostKeys.checking === 'accept-new') {
        warn(
          `the host key of ${knownName(address)} is not pinned, and is accepted (SSH_HOST_KEY_CHECKING=accept-new): ${pasteLine(address, blob)}`,
        );
        return true;
      }
      self.rejected = hostKeyError(hostKeys, address, { blob, judgement });
      return false;
    },
  };
  return self;
}

function explain(connecting: Connecting, error: SshError): DeployError {
  if (error.level === 'client-authentication') return keyRefused(connecting, error);
  if (/no matching host key/i.test(error.message)) return noCommonKey(connecting, error);
  return unreachable(connecting, error);
}

function keyRefused({ access }: Connecting, error: SshError): DeployError {
  return new DeployError('key-refused', {
    message: `${access.address.user}@${knownName(access.address)} does not accept SSH_PRIVATE_KEY (${access.key.type} ${access.key.fingerprint}).`,
    remedy:
      'Its public half must be known to Dokku. On the host, as root: dokku ssh-keys:add gitlab-ci deploy_key.pub (ssh-keygen -y -f deploy_key prints it).',
    cause: error,
  });
}

function noCommonKey({ access }: Connecting, error: SshError): DeployError {
  return new DeployError('host-key-changed', {
    message: `${knownName(access.address)} has no host key of the types that SSH_KNOWN_HOSTS pins for it.`,
    said: [error.message],
    remedy:
      'Put the host’s present key into SSH_KNOWN_HOSTS: ssh-keyscan prints it; compare its fingerprint with the operator’s.',
  });
}

const remedies: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Check the name in DOKKU_HOST.',
  EAI_AGAIN: 'The name server did not answer: try again, or check the runner’s DNS.',
  ECONNREFUSED: 'Check the port in DOKKU_HOST (host:port), and that the SSH server runs.',
  EHOSTUNREACH: 'Check the network between the runner and the host.',
  ENETUNREACH: 'Check the network between the runner and the host.',
};

function unreachable({ access, timeout = connectTimeout }: Connecting, error: SshError): DeployError {
  const where = knownName(access.address);
  if (error.level === 'client-timeout') {
    return new DeployError('host-not-reached', {
      message: `${where} did not answer within ${timeout / 1_000} s.`,
      remedy: 'Check DOKKU_HOST, and that a firewall lets the runner through to the SSH port.',
      cause: error,
    });
  }
  return new DeployError('host-not-reached', {
    message: `${where} was not reached: ${error.message}`,
    remedy: remedies[error.code ?? ''] ?? 'Try again; if it stays so, ask the host’s operator.',
    cause: error,
  });
}

function configOf(
  { access, timeout = connectTimeout }: Connecting,
  verify: Verifier['verify'],
): ConnectConfig {
  const { address, key, hostKeys } = access;
  const offered = offeredAlgorithms(hostKeys, address) as ServerHostKeyAlgorithm[] | undefined;
  const passphrase = key.passphrase?.reveal();
  const login: PublicKeyAuthMethod = {
    type: 'publickey',
    username: address.user,
    key: key.key.reveal(),
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
