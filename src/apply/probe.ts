import type { RequestOptions } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { isLoopback } from '../access/host-address.ts';
import { version } from '../version.ts';

/**
 * The outcome of one request to an app. `refused`: nothing listens at the address. `unreachable`: the request did not arrive,
 * or its response did not come back, for the reason given.
 */
export type ProbeAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly location?: string | undefined;
      /** Whether the answer contains the text that was looked for; missing if there was none. */
      readonly hasText?: boolean;
      /** The ids of commits that were found; missing if none was looked for. */
      readonly commits?: readonly string[];
    }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface ProbeOptions {
  /** Where to connect to, instead of to the host in the URL; no proxy is used then. */
  readonly connectTo?: { readonly host: string; readonly port: number | undefined } | undefined;
  /** A text to look for in the answer. */
  readonly text?: string | undefined;
  /** Where to look for the id of a commit: in this header, or in the answer's body. */
  readonly commitIn?: { readonly header: string } | 'body' | undefined;
  /** The Authorization header. */
  readonly authorization?: string | undefined;
  /** Whether a certificate of any authority is accepted. */
  readonly trustsAny?: boolean | undefined;
  /** Milliseconds for the connection, and for the whole request. */
  readonly connect: number;
  readonly total: number;
  readonly stop: AbortSignal;
}

/**
 * Requests a URL once and returns the outcome. Follows no redirect, and reads the body only to look for a text or a commit. With
 * NODE_USE_ENV_PROXY=1, the request goes through the job's proxy, unless it is for this machine. Never throws.
 */
export async function probe(url: string, options: ProbeOptions): Promise<ProbeAnswer> {
  const { connect, total, stop, text, commitIn } = options;
  const { Agent, request } = url.startsWith('https:')
    ? await import('node:https')
    : await import('node:http');
  const headers = {
    ...{ host: new URL(url).host, 'user-agent': `dokku-deploy/${version}`, connection: 'close' },
    ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
  };
  const address = addressOf(url, options);
  const agent = address.isDirect ? { agent: new Agent() } : {};
  return new Promise((resolve) => {
    const tls = options.trustsAny ? { rejectUnauthorized: false } : {};
    const asking = request(
      url,
      { headers, signal: stop, ...address.options, ...agent, ...tls },
      (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        const answer = { kind: 'answered', status, location: answered.location } as const;
        if (text === undefined && commitIn !== 'body') {
          const value = commitIn === undefined ? undefined : answered[commitIn.header.toLowerCase()];
          resolve(commitIn === undefined ? answer : { ...answer, commits: findCommits(String(value ?? '')) });
          response.destroy();
          return;
        }
        readBody(response, text).then(
          (found) => resolve({ ...answer, ...found }),
          (error: NodeJS.ErrnoException) => resolve(toAnswer(error)),
        );
      },
    );
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

interface Address {
  readonly options: RequestOptions & { readonly servername?: string };
  /** Whether no proxy may be used: it has its own loopback, and would resolve the name itself. */
  readonly isDirect: boolean;
}

function addressOf(url: string, { connectTo }: ProbeOptions): Address {
  const { hostname, port } = new URL(url);
  const host = connectTo?.host ?? hostname;
  const lookup = isLoopback(host) ? { lookup: lookUpLoopback } : {};
  if (connectTo === undefined) return { options: lookup, isDirect: isLoopback(host) };
  // Node takes the name that a certificate must have from `servername`, which must not be an address.
  const servername = isIP(hostname) === 0 ? { servername: hostname } : {};
  return { options: { host, port: connectTo.port ?? port, ...lookup, ...servername }, isDirect: true };
}

/** Bytes of an answer in which a text is looked for. */
const searchedBytes = 2 ** 20;

/** Looks for a text, or else for the ids of commits, in the first megabyte of a stream. Throws what the stream throws. */
async function readBody(
  stream: Readable,
  text: string | undefined,
): Promise<{ readonly hasText: boolean } | { readonly commits: readonly string[] }> {
  if (text !== undefined) return { hasText: await contains(stream, text) };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= searchedBytes) break;
  }
  return { commits: findCommits(Buffer.concat(chunks).toString('latin1')) };
}

/** Returns the words of a text that look like a commit id, whole or abbreviated. */
function findCommits(text: string): readonly string[] {
  return (text.match(/(?<!\w)[0-9a-f]{7,64}(?!\w)/gi) ?? []).map((id) => id.toLowerCase());
}

/** Whether a text is in the first megabyte of a stream. Throws what the stream throws. */
async function contains(stream: Readable, text: string): Promise<boolean> {
  const wanted = Buffer.from(text);
  let tail = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const searched = Buffer.concat([tail, chunk]);
    if (searched.includes(wanted)) return true;
    bytes += chunk.length;
    if (bytes >= searchedBytes) return false;
    tail = searched.subarray(Math.max(0, searched.length - wanted.length + 1));
  }
  return false;
}

/** The C library often resolves only `localhost` itself, and no name below it. */
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
