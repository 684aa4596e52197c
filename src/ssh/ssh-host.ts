import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import type { CommandResult } from '../dokku/command.ts';
import { DeployError } from '../errors.ts';
import { type ConnectOptions, openConnection } from './connection.ts';
import type { Channel, Host, HostRequest, HostUsage } from './host.ts';
import { splitLines } from './lines.ts';

/**
 * Returns the host, reached with ssh2. The first request opens the connection.
 *
 * Requests throw `host-not-reached`, `host-key-unknown`, `host-key-changed` and `key-refused` if the connection cannot
 * be opened. If it is lost during a request, the result is `not-reached`.
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
  #client: Promise<Client> | undefined;
  #busy = 0;
  readonly #queue: (() => void)[] = [];
  #connections = 0;
  #commands = 0;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  #connected(): Promise<Client> {
    if (this.#client) return this.#client;
    const opening = openConnection(this.#options).then((client) => {
      this.#connections += 1;
      client.once('close', () => this.#forget(opening));
      return client;
    });
    this.#client = opening;
    opening.catch(() => this.#forget(opening));
    return opening;
  }

  #forget(client: Promise<Client>): void {
    if (this.#client === client) this.#client = undefined;
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

  async #open<Taken>(line: string, take: (channel: ClientChannel) => Taken): Promise<Taken> {
    let opened = await openChannel(await this.#connected(), line, take);
    for (const pause of openRetryDelays) {
      if ('taken' in opened || !isChannelLimit(opened.refused)) break;
      await sleep(pause);
      opened = await openChannel(await this.#connected(), line, take);
    }
    if ('taken' in opened) {
      this.#commands += 1;
      return opened.taken;
    }
    throw new DeployError('host-not-reached', {
      message: `The host did not open a channel: ${opened.refused.message}`,
      remedy: 'Run the job again.',
      cause: opened.refused,
    });
  }

  ask(request: HostRequest): Promise<CommandResult> {
    return this.#slot(async () => {
      const { answer } = await this.#open(request.line, (channel) => ({
        answer: readResult(channel, request),
      }));
      return await answer;
    });
  }

  open(line: string): Promise<Channel> {
    return this.#open(line, toChannel);
  }

  async close(): Promise<void> {
    const opened = this.#client?.catch(() => undefined);
    const client = await Promise.race([opened, sleep(closeGracePeriod, undefined, { ref: false })]);
    this.#client = undefined;
    client?.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  usage(): HostUsage {
    return { connections: this.#connections, commands: this.#commands };
  }
}

type OpenResult<Taken> = { readonly taken: Taken } | { readonly refused: Error };

/**
 * Opens a channel. Calls `take` with it at once: the answer may be in the same packet, and a listener that is added
 * later misses its exit code.
 */
function openChannel<Taken>(
  client: Client,
  line: string,
  take: (channel: ClientChannel) => Taken,
): Promise<OpenResult<Taken>> {
  return new Promise((resolve) => {
    // If the connection is lost before the answer, ssh2 only emits `close`.
    const lost = () => resolve({ refused: new Error('the connection was lost') });
    client.once('close', lost);
    try {
      client.exec(line, (error, channel) => {
        client.off('close', lost);
        resolve(error ? { refused: error } : { taken: take(channel) });
      });
    } catch (error) {
      resolve({ refused: error as Error });
    }
  });
}

// ssh2 sets the server's reason (RFC 4254, section 5.1) only for a channel that was not opened, so nothing was sent.
function isChannelLimit(error: Error): boolean {
  return 'reason' in error;
}

function readResult(channel: ClientChannel, request: HostRequest): Promise<CommandResult> {
  const text = { stdout: '', stderr: '' };
  const cutters = (['stdout', 'stderr'] as const).map((name) => {
    const splitter = splitLines((line) => {
      text[name] += `${line}\n`;
      request.onLine?.(line);
    });
    (name === 'stdout' ? channel : channel.stderr).on('data', splitter.push);
    return splitter;
  });
  let exit: number | undefined;
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = code ?? 255;
    if (code === null) text.stderr += `the command was killed by ${signal}\n`;
  });
  channel.on('error', () => {});
  channel.end(request.stdin ?? '');
  return new Promise((resolve) => {
    channel.once('close', () => {
      for (const splitter of cutters) splitter.end();
      if (exit === undefined)
        resolve({ kind: 'not-reached', reason: 'The connection was lost.', sent: true });
      else if (exit === 0) resolve({ kind: 'answered', ...text });
      else resolve({ kind: 'refused', exit, ...text });
    });
  });
}

function toChannel(channel: ClientChannel): Channel {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  let exit: number | undefined;
  channel.on('exit', (code: number | null) => {
    exit = code ?? 255;
  });
  channel.on('error', () => {});
  channel.once('close', () => resolve(exit));
  return { stream: channel, stderr: readLines(channel.stderr), exitCode: promise };
}

async function* readLines(stream: NodeJS.ReadableStream): AsyncIterable<string> {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for await (const chunk of stream) {
    splitter.push(chunk as Buffer);
    yield* lines.splice(0);
  }
  splitter.end();
  yield* lines;
}
