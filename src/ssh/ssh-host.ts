import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import type { CommandResult } from '../dokku/command.ts';
import { DeployError } from '../errors.ts';
import { readAnswer } from './answer.ts';
import { openChannel, toChannel } from './channel.ts';
import { type Connection, type ConnectOptions, type LogReady, openConnection } from './connection.ts';
import type { Channel, Host, HostRequest, HostUsage } from './host.ts';
import { limits as defaultLimits, type Limits } from './limits.ts';
import { notDokkuError } from './login-program.ts';

/**
 * Returns the host, reached with ssh2. The first request opens the connection.
 *
 * Requests throw `host-not-reached`, `host-key-unknown`, `host-key-changed` and `key-refused` if the connection cannot
 * be opened, `not-dokku` if the login is not Dokku's, and `host-timeout` and `answer-too-large` if the host exceeds a
 * limit. If the connection is lost during a request, the result is `not-reached`.
 */
export function createSshHost(options: ConnectOptions): Host {
  return new SshHost(options);
}

/** OpenSSH's sshd opens ten channels at once and refuses the next (MaxSessions); two are spare for closing ones. */
const maxChannels = 8;

/** Milliseconds between attempts to open a channel on a host that allows fewer channels at once. */
const openRetryDelays = [100, 300, 1_000, 3_000];

/** Milliseconds that `close` waits for a connection that is still being opened. */
const closeGracePeriod = 300;

/** The single connection of a run and its channels. */
class SshHost implements Host {
  readonly #options: ConnectOptions;
  readonly #limits: Limits;
  readonly #logReady: LogReady;
  #connection: Promise<Connection> | undefined;
  /** The result of `#connection`. */
  #opened: Connection | undefined;
  #busy = 0;
  readonly #queue: (() => void)[] = [];
  #connections = 0;
  #commands = 0;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    this.#logReady = options.logReady ?? (() => undefined);
  }

  #connect(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const opening = openConnection(this.#options).then((connection) => {
      this.#connections += 1;
      this.#opened = connection;
      connection.client.once('close', () => this.#forget(opening));
      return connection;
    });
    this.#connection = opening;
    opening.catch(() => this.#forget(opening));
    return opening;
  }

  #forget(connection: Promise<Connection>): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#opened = undefined;
  }

  /** Ends a connection whose host exceeded a limit, because it may continue to send on a closed channel. */
  #disconnect(connection: Connection): void {
    if (this.#opened === connection) {
      this.#connection = undefined;
      this.#opened = undefined;
    }
    connection.destroy();
  }

  async #disconnectOnError<Result>(connection: Connection, work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      this.#disconnect(connection);
      throw error;
    }
  }

  async #slot<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy >= maxChannels) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#busy += 1;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }

  /** Opens a channel, waiting if the host allows fewer than usual, and passes it to `take`. */
  async #open<Taken>(line: string, take: (channel: ClientChannel, connection: Connection) => Taken) {
    const open = async () => {
      const connection = await this.#connect();
      const opening = openChannel(connection.client, {
        line,
        limits: this.#limits,
        take: (channel) => take(channel, connection),
      });
      return { connection, result: await this.#disconnectOnError(connection, opening) };
    };
    let opened = await open();
    for (const pause of openRetryDelays) {
      if ('taken' in opened.result || !isChannelLimit(opened.result.refused)) break;
      await sleep(pause);
      opened = await open();
    }
    const { connection, result } = opened;
    if ('refused' in result) throw noChannelError(result.refused);
    this.#commands += 1;
    return { connection, taken: result.taken };
  }

  ask(request: HostRequest): Promise<CommandResult> {
    return this.#slot(async () => {
      const { connection, taken } = await this.#open(request.line, (channel) => ({
        answer: readAnswer(channel, request, { limits: this.#limits, logReady: this.#logReady }),
      }));
      const answer = await this.#disconnectOnError(connection, taken.answer);
      const error = answer.kind === 'refused' && notDokkuError(this.#options.access, request.line, answer);
      if (error) throw error;
      return answer;
    });
  }

  async open(line: string): Promise<Channel> {
    const { taken } = await this.#open(line, (channel, connection) =>
      toChannel(channel, {
        line,
        limits: this.#limits,
        disconnect: () => this.#disconnect(connection),
        logReady: this.#logReady,
      }),
    );
    return taken;
  }

  async close(): Promise<void> {
    const opened = this.#connection?.catch(() => undefined);
    const connection = await Promise.race([opened, sleep(closeGracePeriod, undefined, { ref: false })]);
    this.#connection = undefined;
    connection?.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  usage(): HostUsage {
    return { connections: this.#connections, commands: this.#commands };
  }
}

// ssh2 sets the server's reason (RFC 4254, section 5.1) only for a channel that was not opened, so nothing was sent.
function isChannelLimit(error: Error): boolean {
  return 'reason' in error;
}

function noChannelError(cause: Error): DeployError {
  return new DeployError('host-not-reached', {
    message: `The host did not open a channel: ${cause.message}`,
    remedy: 'Run the job again.',
    cause,
  });
}
