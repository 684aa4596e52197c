import { createHmac } from 'node:crypto';
import type { Message } from './message.ts';

/** A request to a webhook without its URL. */
export interface SignedRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Formats the message as signed JSON. The header `X-Dokku-Deploy-Signature` is `sha256=` and the hex HMAC-SHA256, with the key,
 * of `X-Dokku-Deploy-Timestamp` (seconds since the epoch), a dot and the body. A receiver that rejects old timestamps is safe
 * from replays.
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
