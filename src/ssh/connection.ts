import { connect, type Socket } from 'node:net';
import type {
  Client,
  ConnectConfig,
  PasswordAuthMethod,
  PublicKeyAuthMethod,
  ServerHostKeyAlgorithm,
} from 'ssh2';
import type { Access } from '../access/access-types.ts';
import { noCommonKeyError, type SshError, toConnectError } from './connect-errors.ts';
import { checkHostKey, chooseAlgorithms, chooseOtherAlgorithms, type ReceivedKey } from './host-key.ts';
import { formatKnownHostsLine, formatKnownHostsName, hostKeyError } from './host-key-error.ts';
import { limits as defaultLimits, type Limits } from './limits.ts';

export interface ConnectOptions {
  readonly access: Access;
  /** Receives a warning if a host key was accepted without being pinned. */
  readonly warn: (message: string) => void;
  /** `limits` of limits.ts by default. */
  readonly limits?: Limits | undefined;
  readonly logReady?: LogReady | undefined;
}

/** Returns a promise that resolves when the log can take more output; undefined if it can at once. */
export type LogReady = () => Promise<void> | undefined;

/** An open connection after the login. */
export interface Connection {
  readonly client: Client;
  /** Ends the connection cleanly, or soon after by force if the host does not close it. */
  readonly end: () => void;
  /** Ends the connection at once. */
  readonly destroy: () => void;
}

/**
 * Opens an SSH connection and logs in. A wrong host key ends the connection before the login. A pinned fingerprint does
 * not name the type of its key, so the host is asked for its keys of other types before one counts as wrong.
 *
 * Throws `host-not-reached`, `host-key-unknown`, `host-key-changed` and `key-refused`.
 */
export async function openConnection(options: ConnectOptions): Promise<Connection> {
  const { access } = options;
  const rejected: ReceivedKey[] = [];
  let algorithms = chooseAlgorithms(access);
  for (;;) {
    const attempt = await connectOnce(options, algorithms);
    if ('connection' in attempt) return attempt.connection;
    if ('noCommonKey' in attempt && rejected.length === 0)
      throw noCommonKeyError(access, attempt.noCommonKey);
    if ('rejected' in attempt) rejected.push(attempt.rejected);
    algorithms = 'rejected' in attempt ? chooseOtherAlgorithms(access, rejected) : [];
    if (algorithms.length === 0) throw hostKeyError(access, rejected);
  }
}

type ConnectAttempt =
  | { readonly connection: Connection }
  | { readonly rejected: ReceivedKey }
  | { readonly noCommonKey: Error };

async function connectOnce(
  options: ConnectOptions,
  algorithms: readonly string[] | undefined,
): Promise<ConnectAttempt> {
  const { access, limits = defaultLimits } = options;
  const { Client: SshClient } = (await import('ssh2')).default;
  // Each open channel listens for the end of the connection; Node prints a warning for more than ten listeners.
  const client = new SshClient().setMaxListeners(32);
  // ssh2 does not destroy a connection that it has ended, so the socket is ours.
  const path = access.gate?.socket;
  const socket = connect(
    path === undefined ? { host: access.address.host, port: access.address.port } : { path },
  );
  const { promise, resolve, reject } = Promise.withResolvers<ConnectAttempt>();
  let rejected: ReceivedKey | undefined;
  const verify = (blob: Buffer): boolean => {
    const key = { blob, verdict: checkHostKey(access, blob) };
    const accepted = isAccepted(key, options);
    if (!accepted) rejected = key;
    return accepted;
  };
  const fail = (error: SshError): void => {
    socket.destroy();
    if (rejected) resolve({ rejected });
    else if (/no matching host key/i.test(error.message)) resolve({ noCommonKey: error });
    else reject(toConnectError(access, limits, error));
  };
  client.once('ready', () => resolve({ connection: toConnection(client, socket) }));
  // There can be several errors, also after the login: the listener stays for the life of the connection.
  client.on('error', fail);
  client.once('close', () => fail(new Error('the host closed the connection')));
  try {
    client.connect({ ...buildConnectConfig(access, limits, algorithms), sock: socket, hostVerifier: verify });
  } catch (error) {
    fail(error as SshError);
  }
  return promise;
}

function isAccepted({ blob, verdict }: ReceivedKey, { access, warn }: ConnectOptions): boolean {
  if (verdict === 'known') return true;
  if (verdict !== 'unknown' || access.hostKeys.checking !== 'accept-new') return false;
  warn(
    `the host key of ${formatKnownHostsName(access.address)} is not pinned; accepted because of SSH_HOST_KEY_CHECKING=accept-new: ${formatKnownHostsLine(access.address, blob)}`,
  );
  return true;
}

/** Milliseconds that a host has to close a connection that was ended. */
const endGracePeriod = 300;

function toConnection(client: Client, socket: Socket): Connection {
  socket.setNoDelay(true);
  const destroy = () => void socket.destroy();
  const end = () => {
    client.end();
    setTimeout(destroy, endGracePeriod).unref();
  };
  return { client, end, destroy };
}

function buildConnectConfig(
  { address, privateKey, gate }: Access,
  limits: Limits,
  algorithms: readonly string[] | undefined,
): ConnectConfig {
  const passphrase = privateKey.passphrase?.reveal();
  const { user: username } = address;
  // A gate accepts the key only together with the token.
  const token = gate?.token?.reveal();
  const login: PublicKeyAuthMethod = {
    type: 'publickey',
    username,
    key: privateKey.pem.reveal(),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  const logins: (PublicKeyAuthMethod | PasswordAuthMethod)[] = [login];
  if (token !== undefined) logins.push({ type: 'password', username, password: token });
  return {
    host: address.host,
    port: address.port,
    username,
    readyTimeout: limits.connectTime,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    authHandler: logins,
    ...(algorithms && { algorithms: { serverHostKey: [...algorithms] as ServerHostKeyAlgorithm[] } }),
  };
}
