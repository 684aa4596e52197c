import { Buffer } from 'node:buffer';
import { version } from '../version.ts';

/** One request to a registry, or to the server that issues its tokens. */
export interface RegistryRequest {
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly accept: string;
  /** The header's value. */
  readonly authorization: string | undefined;
}

/** The parts of a response that matter. */
export interface RegistryResponse {
  readonly status: number;
  /** `WWW-Authenticate`; '' without one. */
  readonly challenge: string;
  /** `Docker-Content-Digest`, if it is valid. */
  readonly digest: string | undefined;
  readonly body: Buffer;
}

/** Sends a request. Throws UnreachableError if no usable response arrives. */
export type Requester = (request: RegistryRequest) => Promise<RegistryResponse>;

/** A registry that gives no usable answer. Its message is the reason, as the end of a sentence. */
export class UnreachableError extends Error {}

export interface RequesterOptions {
  /** Ends all requests. */
  readonly stop: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Milliseconds for one request with its body. */
const requestTime = 10_000;

/** Bytes. Registries refuse a manifest of more than 4 MiB. */
const maxBody = 4 * 1024 ** 2;

/** Milliseconds before a request is tried again. */
const retryDelays = [500, 2_000];

/** Returns the function that sends requests. A registry that is overloaded or drops the connection is asked three times. */
export function createRequester({ stop, sleep }: RequesterOptions): Requester {
  return async (request) => {
    for (const delay of retryDelays) {
      const response = await send(request, stop).catch(toUnreachable);
      const isTransient = response instanceof Error || response.status === 429 || response.status >= 500;
      if (!isTransient || stop.aborted) return unwrap(response);
      await sleep(delay);
    }
    return unwrap(await send(request, stop).catch(toUnreachable));
  };
}

async function send(
  { url, method, accept, authorization }: RegistryRequest,
  stop: AbortSignal,
): Promise<RegistryResponse> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(requestTime)]);
  const headers = {
    accept,
    'user-agent': `dokku-deploy/${version}`,
    ...(authorization && { authorization }),
  };
  const response = await fetch(url, { method, headers, signal });
  const digest = response.headers.get('docker-content-digest') ?? '';
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
    digest: /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined,
    body: await readBody(response),
  };
}

async function readBody({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBody) throw new UnreachableError('it sends more than 4 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toUnreachable(error: unknown): UnreachableError {
  if (error instanceof UnreachableError) return error;
  if (error instanceof Error && error.name === 'TimeoutError')
    return new UnreachableError(`no answer within ${requestTime / 1_000} s`);
  // Node's fetch hides the reason: "fetch failed", with the network's error as its cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const first = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  return new UnreachableError(first instanceof Error ? first.message : String(first));
}

function unwrap(response: RegistryResponse | UnreachableError): RegistryResponse {
  if (response instanceof Error) throw response;
  return response;
}
