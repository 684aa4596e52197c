import type { LookupFunction } from 'node:net';
import { isLoopback } from '../access/host-address.ts';
import { version } from '../version.ts';

/**
 * What came of one request to an app. `refused`: nothing listens at the address. `unreachable`: the request did not get
 * there, or its answer not back, for the reason given.
 */
export type ProbeAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly location?: string | undefined }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface ProbeLimits {
  /** Milliseconds for the connection, and for the whole request. */
  readonly connect: number;
  readonly total: number;
  readonly stop: AbortSignal;
}

/**
 * Asks a URL once and returns how it was answered. Follows no redirect and reads no body. With NODE_USE_ENV_PROXY=1, the
 * request goes through the job's proxy, unless it is for this machine. Never throws.
 */
export async function probe(url: string, { connect, total, stop }: ProbeLimits): Promise<ProbeAnswer> {
  const { Agent, request } = url.startsWith('https:')
    ? await import('node:https')
    : await import('node:http');
  const headers = { 'user-agent': `dokku-deploy/${version}`, connection: 'close' };
  // A proxy has a loopback of its own.
  const direct = isLoopback(new URL(url).hostname) ? { agent: new Agent(), lookup: lookUpLoopback } : {};
  return new Promise((resolve) => {
    const asking = request(url, { headers, signal: stop, ...direct }, (response) => {
      resolve({
        kind: 'answered',
        status: response.statusCode ?? 0,
        location: response.headers.location,
      });
      response.destroy();
    });
    const expire = (reason: string) => () => asking.destroy(new Error(reason));
    const timers = [setTimeout(expire(`no answer within ${total / 1_000} s`), total)];
    asking.on('socket', (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(expire(`no connection within ${connect / 1_000} s`), connect);
      timers.push(timer);
      socket.once('connect', () => clearTimeout(timer));
    });
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(toAnswer(error)));
    asking.on('close', () => timers.forEach(clearTimeout));
    asking.end();
  });
}

/** The C library often knows only `localhost` itself. */
function lookUpLoopback(...[, options, callback]: Parameters<LookupFunction>): void {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
}

function toAnswer(error: NodeJS.ErrnoException): ProbeAnswer {
  // A name with several addresses gives one error for each.
  const { code, message } = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  if (code === 'ECONNREFUSED') return { kind: 'refused' };
  return { kind: 'unreachable', reason: message || code || 'no reason given' };
}
