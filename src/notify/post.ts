import { Buffer } from 'node:buffer';
import { decodePercent } from '../secret.ts';
import { version } from '../version.ts';
import { type DeliveryResult, readRetryAfter, toNetworkFailure } from './delivery.ts';

/** A request to a webhook. */
export interface PostRequest {
  /** May contain a login: `https://user:password@host/…`. */
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Posts JSON to a webhook. A status of 200 to 299 is a delivery; 429, 500 and above, and failed connections are retryable.
 * Redirects are not followed: they would turn the POST into a GET.
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

/** Separates a URL from its login: fetch rejects a URL with a login, and its error would quote it. */
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
 * Reads the beginning of a response: a server may send without end, or break off. If it is cut off, the last word is dropped, since
 * the mask would not recognise half a secret. For the same reason it is not shortened for display here.
 */
async function readSnippet({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let isWhole = false;
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= maxResponseLength) break;
    }
    isWhole = text.length < maxResponseLength;
  } catch {
    // What was read until then is enough.
  }
  if (/^\s*</.test(text)) return '';
  return (isWhole ? text : text.replace(/\S*$/, '')).replace(/\s+/g, ' ').trim();
}
