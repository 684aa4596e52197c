import { Buffer } from 'node:buffer';
import { decodePercent } from '../secret.ts';
import { version } from '../version.ts';
import { type DeliveryResult, readRetryAfter, toNetworkFailure } from './delivery.ts';

/** What is sent to an address that takes messages. */
export interface PostRequest {
  /** May carry a login, as `https://user:password@host/…`. */
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Posts JSON to a webhook. Any answer of 200 to 299 is a delivery; 429 and those from 500 on are worth another try, as is a
 * connection that failed. A redirection is not followed: it would turn the message into a question.
 */
export async function post(
  { url, body, headers }: PostRequest,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const login = splitLogin(url);
  try {
    const response = await fetch(login.url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': `dokku-deploy/${version}`,
        ...login.headers,
        ...headers,
      },
    });
    if (response.ok) {
      await response.body?.cancel().catch(() => undefined);
      return { kind: 'delivered' };
    }
    const { status } = response;
    const said = await readSnippet(response);
    const reason = `it answers with ${status}${said === '' ? '' : `: ${said}`}`;
    return {
      kind: 'failed',
      reason,
      retryable: status === 429 || status >= 500,
      retryAfter: readRetryAfter(response),
    };
  } catch (error) {
    return toNetworkFailure(error);
  }
}

/** fetch takes no address with a login in it, and its error would repeat that address. */
function splitLogin(text: string): { readonly url: string; readonly headers: Record<string, string> } {
  const url = new URL(text);
  const login = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  if (login === ':') return { url: url.href, headers: {} };
  url.username = '';
  url.password = '';
  return { url: url.href, headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
}

const maxResponseLength = 4_096;

/**
 * The beginning of what was answered: a server may send without end, or break off. It is not cut to a length for people here: half
 * a secret would pass the mask.
 */
async function readSnippet({ body }: Response): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.length >= maxResponseLength) break;
    }
  } catch {
    // What came until then says enough.
  }
  return /^\s*</.test(text) ? '' : text.slice(0, maxResponseLength).replace(/\s+/g, ' ').trim();
}
