/** What came of one try to deliver a message. `retryAfter`: milliseconds after which the receiver wants to be asked again. */
export type DeliveryResult =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** A second try may end otherwise. */
      readonly retryable: boolean;
      readonly retryAfter?: number | undefined;
    };

/** One try; it ends what it has begun when the signal is aborted. */
export type DeliveryAttempt = (signal: AbortSignal) => Promise<DeliveryResult>;

export interface DeliveryLimits {
  /** Milliseconds that all tries may take together. */
  readonly timeout?: number;
  /** Aborted when the run is told to stop. */
  readonly stop?: AbortSignal;
}

/** What a message may cost the end of a run at most. */
export const deliveryTimeout = 10_000;

const minRetryDelay = 500;

/**
 * Tries to deliver, and once more where that may help and time is left. Gives the reason of a failure, undefined for a message
 * that was delivered. Never raises, and takes no longer than the deadline.
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
    stop?.aborted ? 'the run was told to stop' : `no answer within ${timeout / 1_000} s`;
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

/** A try cannot fail a run, whatever it throws. */
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

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
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

/** How long an answer asks to wait, in milliseconds. RFC 9110: a number of seconds; a date is left out of account. */
export function readRetryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

const certificateErrors = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY)|CERT_|ERR_TLS_CERT)/;

/** Why a request or a connection came to nothing: Node's own words, and what to do where it is known. */
export function toNetworkFailure(error: unknown): DeliveryResult & { readonly kind: 'failed' } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const text = message || code || 'it could not be reached';
  if (!certificateErrors.test(code) && !/certificate/.test(text))
    return { kind: 'failed', reason: text, retryable: true };
  // Behind the semicolon Node speaks of its own command line, which is not ours.
  const reason = `${text.split(';')[0]} (an authority of your own: NODE_EXTRA_CA_CERTS names the file of its certificate)`;
  return { kind: 'failed', reason, retryable: false };
}
