import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Connection, ServerChannel, Session } from 'ssh2';
import { DeployError } from '../errors.ts';
import { auditJob } from './audit.ts';
import { type Login, type LoginRule, maxAttempts, startLogin } from './login.ts';
import type { ListenAddress } from './policy.ts';
import { listenPrivately } from './private-socket.ts';
import { runSession, type SessionWorld } from './session.ts';

/** What a gate listens with. */
export interface GateServerOptions {
  readonly world: SessionWorld;
  readonly rule: LoginRule;
  readonly address: ListenAddress;
  /** The gate’s own private host key, as PEM. */
  readonly hostKey: string;
  /** Receives unexpected errors: bugs. */
  readonly onBug: (error: unknown) => void;
}

/** A gate that listens. */
export interface GateServer {
  /** The port, or the path of the socket. */
  readonly address: { readonly port: number } | { readonly path: string };
  /** Takes no more connections and commands, and resolves when the running ones have ended, at the latest after so many milliseconds. */
  readonly drain: (milliseconds: number) => Promise<void>;
}

/** How many connections a gate has at once, how many sessions each of them, and how long a login may take, in milliseconds. */
export const serverLimits = { connections: 500, sessions: 32, loginTime: 20_000 };

/** What the server presents itself as: the health check looks for it. */
export const serverName = 'dokku-deploy-gate';

/** Starts the SSH server of a gate. Throws `usage` if the address cannot be listened on. */
export async function startGateServer(options: GateServerOptions): Promise<GateServer> {
  const { Server: SshServer } = (await import('ssh2')).default;
  const { address } = options;
  const connections = new Set<Connection>();
  const running = new Set<Promise<void>>();
  const state: ServerState = { options, running, isDraining: false };
  let number = 0;
  const server = new SshServer(
    { hostKeys: [options.hostKey], ident: serverName, keepaliveInterval: 15_000, keepaliveCountMax: 4 },
    (connection) => {
      connection.on('error', () => {});
      if (connections.size >= serverLimits.connections || state.isDraining) return void connection.end();
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      number += 1;
      acceptConnection(connection, number, state);
    },
  );
  try {
    if ('path' in address) await listenPrivately(server, address);
    else {
      server.listen(address.port, address.host);
      await once(server, 'listening');
    }
  } catch (error) {
    throw new DeployError('usage', {
      message: `The gate cannot listen: ${(error as Error).message}`,
      remedy: 'Choose another address, or stop the program that uses it.',
    });
  }
  const bound = server.address();
  return {
    address:
      'path' in address
        ? { path: address.path }
        : { port: typeof bound === 'object' && bound ? bound.port : 0 },
    drain: async (milliseconds) => {
      state.isDraining = true;
      server.close();
      const timeout = Promise.withResolvers<void>();
      const timer = setTimeout(timeout.resolve, milliseconds);
      await Promise.race([Promise.allSettled(running), timeout.promise]);
      clearTimeout(timer);
      for (const connection of connections) connection.end();
      if ('path' in address) await rm(address.path, { force: true });
    },
  };
}

interface ServerState {
  readonly options: GateServerOptions;
  readonly running: Set<Promise<void>>;
  isDraining: boolean;
}

function acceptConnection(connection: Connection, number: number, state: ServerState): void {
  const { rule, world } = state.options;
  let attempts = 0;
  let sessions = 0;
  const login = startLogin({
    rule,
    connection: number,
    onRefused: (reason) => world.audit({ event: 'login-refused', connection: number, reason }),
  });
  const timer = setTimeout(() => connection.end(), serverLimits.loginTime);
  connection.once('close', () => clearTimeout(timer));
  connection.on('authentication', (context) => {
    attempts += 1;
    if (attempts > maxAttempts) return void connection.end();
    login.handle(context);
  });
  connection.once('ready', () => {
    clearTimeout(timer);
    const job = login.result();
    if (!job) return void connection.end();
    // Otherwise small answers wait for the acknowledgements of the job’s machine. (The types of ssh2 leave the method out.)
    (connection as Connection & { setNoDelay: (on: boolean) => void }).setNoDelay(true);
    world.audit({ event: 'login', connection: number, ...auditJob(job.identity) });
  });
  const refuse = (what: string): void => {
    const job = login.result();
    const about = job ? auditJob(job.identity) : {};
    world.audit({ event: 'refused', connection: number, ...about, reason: `${what} is not allowed` });
  };
  refuseForwarding(connection, refuse);
  connection.on('session', (accept, reject) => {
    if (sessions >= serverLimits.sessions || state.isDraining) return void reject();
    sessions += 1;
    const session = accept();
    session.once('close', () => {
      sessions -= 1;
    });
    refuseOthers(session, refuse);
    session.once('exec', (acceptCommand, rejectCommand, { command }) => {
      const job = currentJob(login, world.now());
      if (!job || state.isDraining) return void rejectCommand();
      const channel = acceptCommand();
      trackSession(
        channel,
        runSession({ channel, line: command, identity: job, connection: number }, world),
        state,
      );
    });
  });
}

/** A job whose token has expired has ended. */
function currentJob(login: Login, now: number) {
  const job = login.result();
  return job && job.expires > now ? job.identity : undefined;
}

/** Without a listener, ssh2 refuses these, too, but the attempt would not be in the audit. */
function refuseForwarding(connection: Connection, refuse: (what: string) => void): void {
  connection.on('tcpip', (_, reject) => {
    refuse('forwarding');
    reject();
  });
  connection.on('openssh.streamlocal', (_, reject) => {
    refuse('forwarding');
    reject();
  });
  connection.on('request', (_, reject, name) => {
    refuse(`the request ${name}`);
    reject?.();
  });
}

function refuseOthers(session: Session, refuse: (what: string) => void): void {
  const on = session.on.bind(session) as (name: string, listener: (...args: unknown[]) => void) => unknown;
  for (const [event, what] of refusedRequests) {
    on(event, (_, reject) => {
      refuse(what);
      if (typeof reject === 'function') reject();
    });
  }
}

const refusedRequests = [
  ['shell', 'a shell'],
  ['sftp', 'sftp'],
  ['subsystem', 'a subsystem'],
  ['x11', 'forwarding'],
  ['auth-agent', 'forwarding'],
] as const;

function trackSession(
  channel: ServerChannel,
  session: Promise<void>,
  { options, running }: ServerState,
): void {
  for (const stream of [channel, channel.stderr]) stream.on('error', () => {});
  const tracked = session.catch(options.onBug).finally(() => running.delete(tracked));
  running.add(tracked);
}
