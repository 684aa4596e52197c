/** The result of one attempt to deliver a message. `retryAfter`: milliseconds that the receiver asks to wait. */
export type DeliveryResult =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** Whether a second attempt may succeed. */
      readonly retryable: boolean;
      readonly retryAfter?: number | undefined;
    };

/** One attempt. It ends early when the signal is aborted. */
export type DeliveryAttempt = (signal: AbortSignal) => Promise<DeliveryResult>;

export interface DeliveryLimits {
  /** Milliseconds for all attempts together. */
  readonly timeout?: number;
  /** Aborted when the run is stopped. */
  readonly stop?: AbortSignal;
}

/** Milliseconds by which a message may delay the end of a run. */
export const deliveryTimeout = 10_000;

const minRetryDelay = 500;

/**
 * Delivers a message, with a second attempt if that may help and there is time. Returns the reason of a failure, undefined
 * for a delivered message. Never throws, and takes no longer than the timeout.
 */
export async function deliver(
  attempt: DeliveryAttempt,
  { timeout = deliveryTimeout, stop }: DeliveryLimits = {},
): Promise<string | undefined> {
  const startedAt = performance.now();
  const timeoutController = new AbortController();
  const timer = setTimeout(() => timeoutController.abort(), timeout);
  const signal = stop ? AbortSignal.any([timeoutController.signal, stop]) : timeoutController.signal;
  const reason = (): string =>
    stop?.aborted ? 'the run was stopped' : `no answer within ${timeout / 1_000} s`;
  try {
    const first = await attemptOnce(attempt, signal, reason);
    if (first.kind === 'delivered') return undefined;
    const wait = first.retryAfter ?? minRetryDelay;
    const left = timeout - (performance.now() - startedAt);
    if (!first.retryable || signal.aborted || wait >= left) return first.reason;
    await sleep(wait, signal);
    const second = await attemptOnce(attempt, signal, reason);
    return second.kind === 'delivered' ? undefined : second.reason;
  } finally {
    clearTimeout(timer);
    timeoutController.abort();
  }
}

/** Makes one attempt. Whatever it throws is a failed delivery, not a failed run. */
function attemptOnce(
  attempt: DeliveryAttempt,
  signal: AbortSignal,
  reason: () => string,
): Promise<DeliveryResult> {
  const aborted = new Promise<DeliveryResult>((resolve) => {
    const end = () => resolve(failed(reason()));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  const attempting = attempt(signal).catch((error: unknown) =>
    failed(error instanceof Error ? error.message : String(error)),
  );
  return Promise.race([attempting, aborted]);
}

function failed(reason: string): DeliveryResult {
  return { kind: 'failed', reason, retryable: false };
}

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Reads how long a response asks to wait, in milliseconds. RFC 9110: a number of seconds; a date is ignored. */
export function readRetryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

const certificateErrors = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY)|CERT_|ERR_TLS_CERT)/;

/** Turns the error of a request or a connection into a failure: Node's message, and a remedy if one is known. */
export function toNetworkFailure(error: unknown): DeliveryResult & { readonly kind: 'failed' } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const text = message || code || 'the server could not be reached';
  if (!certificateErrors.test(code) && !/certificate/.test(text))
    return { kind: 'failed', reason: text, retryable: true };
  // After the semicolon, Node's message is about its own command line.
  const reason = `${text.split(';')[0]} (for a private certificate authority, set NODE_EXTRA_CA_CERTS to the path of its certificate)`;
  return { kind: 'failed', reason, retryable: false };
}
