import { createHmac } from 'node:crypto';
import type { Message } from './message.ts';

/** A request to a webhook, but for its address. */
export interface SignedRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The message as JSON, signed: the header `X-Dokku-Deploy-Signature` is `sha256=` and the hex HMAC-SHA256, with the key, of
 * `X-Dokku-Deploy-Timestamp` (seconds since the epoch), a dot and the body. A receiver that refuses an old
 * timestamp cannot be given the same message again.
 */
export function signRequest(
  message: Message,
  { key, now }: { readonly key: string; readonly now: number },
): SignedRequest {
  const body = JSON.stringify({ version: 1, ...message });
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
  return {
    body,
    headers: {
      'x-dokku-deploy-timestamp': timestamp,
      'x-dokku-deploy-signature': `sha256=${signature}`,
    },
  };
}
