import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import type { Access } from '../access/access-types.ts';
import type { CommandResult } from '../dokku/command.ts';
import { readAnswer } from '../ssh/answer.ts';
import { openChannel } from '../ssh/channel.ts';
import { type Connection, openConnection } from '../ssh/connection.ts';
import { limits } from '../ssh/limits.ts';
import { createFairQueue, type FairQueue } from './fair-queue.ts';

/** The real connections to the Dokku host, shared by all sessions. */
export interface Upstream {
  /**
   * Runs a command in its turn. `take` gets the channel at once; the place is free again when its promise has settled. Throws what
   * `openConnection` and `openChannel` throw, `HostAwayError` if no channel could be opened, and the signal's reason.
   */
  readonly run: <Result>(request: UpstreamRequest, take: TakeChannel<Result>) => Promise<Result>;
  /** Asks for something that the gate itself has to know. Throws the same. */
  readonly ask: (request: UpstreamRequest) => Promise<CommandResult>;
  /** How many connections are open. */
  readonly connections: () => number;
  readonly close: () => void;
}

export interface UpstreamRequest {
  readonly line: string;
  /** Whose turn it takes. */
  readonly project: string;
  readonly signal: AbortSignal;
}

type TakeChannel<Result> = (channel: ClientChannel) => Promise<Result>;

/** No channel could be opened: the command did not reach the host. */
export class HostAwayError extends Error {}

/** sshd opens ten channels at once on a connection and refuses the next (MaxSessions); two are spare for closing ones. */
const channelsPerConnection = 8;

/** Milliseconds for which a further connection is kept without a command. */
const idleTime = 30_000;

/** Milliseconds that a command waits for a place. */
const placeTime = 10 * 60_000;

const noPlaceError = new HostAwayError('no place was free for ten minutes');

/** Milliseconds before each attempt to open a channel. */
const openDelays = [0, 100, 300, 1_000];

/** Returns the connections to a host. The first request opens one; a further one is opened only if all channels are in use. */
export function createUpstream(access: Access, maxConnections: number): Upstream {
  return new ConnectionPool(access, createFairQueue(channelsPerConnection * maxConnections));
}

/** A connection, and how many of its channels are in use. */
interface PooledConnection {
  readonly opening: Promise<Connection>;
  busy: number;
  /** Ends it when it has not been used for a while. */
  idle?: NodeJS.Timeout;
}

class ConnectionPool implements Upstream {
  readonly #access: Access;
  readonly #queue: FairQueue;
  readonly #pool = new Set<PooledConnection>();

  constructor(access: Access, queue: FairQueue) {
    this.#access = access;
    this.#queue = queue;
  }

  async run<Result>(request: UpstreamRequest, take: TakeChannel<Result>): Promise<Result> {
    const { project, signal, line } = request;
    const release = await this.#takePlace(project, signal);
    try {
      let refused: Error | undefined;
      for (const delay of openDelays) {
        await sleep(delay, undefined, { signal });
        const attempt = await this.#runOnce(line, take);
        if ('result' in attempt) return attempt.result;
        refused = attempt.refused;
      }
      throw new HostAwayError(refused?.message, { cause: refused });
    } finally {
      release();
    }
  }

  async #takePlace(project: string, signal: AbortSignal): Promise<() => void> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(noPlaceError), placeTime);
    return this.#queue
      .take(project, AbortSignal.any([signal, timeout.signal]))
      .finally(() => clearTimeout(timer));
  }

  async #runOnce<Result>(
    line: string,
    take: TakeChannel<Result>,
  ): Promise<{ readonly result: Result } | { readonly refused: Error }> {
    const pooled = this.#choose();
    clearTimeout(pooled.idle);
    pooled.busy += 1;
    try {
      const { client } = await pooled.opening;
      const opened = await openChannel(client, {
        line,
        limits,
        take: (channel) => ({ work: take(channel) }),
      });
      return 'taken' in opened ? { result: await opened.taken.work } : opened;
    } finally {
      pooled.busy -= 1;
      if (pooled.busy === 0) this.#endLater(pooled);
    }
  }

  #choose(): PooledConnection {
    const free = [...this.#pool].find(({ busy }) => busy < channelsPerConnection);
    return free ?? this.#connect();
  }

  #connect(): PooledConnection {
    const opening = openConnection({ access: this.#access, warn: () => {} });
    const pooled: PooledConnection = { opening, busy: 0 };
    const forget = () => void this.#pool.delete(pooled);
    this.#pool.add(pooled);
    opening.then(({ client }) => client.once('close', forget), forget);
    return pooled;
  }

  /** One connection stays open for the next job. */
  #endLater(pooled: PooledConnection): void {
    pooled.idle = setTimeout(() => {
      if (this.#pool.size === 1 || !this.#pool.delete(pooled)) return;
      pooled.opening.then(({ end }) => end()).catch(() => {});
    }, idleTime).unref();
  }

  ask(request: UpstreamRequest): Promise<CommandResult> {
    const answering = { limits, logReady: () => undefined };
    return this.run(request, (channel) =>
      readAnswer(channel, { line: request.line }, answering).finally(() => channel.close()),
    );
  }

  connections(): number {
    return this.#pool.size;
  }

  close(): void {
    for (const { opening, idle } of this.#pool) {
      clearTimeout(idle);
      opening.then(({ end }) => end()).catch(() => {});
    }
    this.#pool.clear();
  }
}
