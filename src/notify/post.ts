import { Buffer } from 'node:buffer';
import { percentDecoded } from '../secret.ts';
import { version } from '../version.ts';
import { networkFailure, retryAfter, type Tried } from './delivery.ts';

/** What is sent to an address that takes messages. */
export interface Posting {
  /** May carry a login, as `https://user:password@host/…`. */
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Posts JSON to a webhook. Any answer of 200 to 299 is a delivery; 429 and those from 500 on are worth another try, as is a
 * connection that failed. A redirection is not followed: it would turn the message into a question.
 */
export async function post({ url, body, headers }: Posting, signal: AbortSignal): Promise<Tried> {
  const split = splitLogin(url);
  try {
    const response = await fetch(split.url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': `dokku-deploy/${version}`,
        ...split.headers,
        ...headers,
      },
    });
    if (response.ok) {
      await response.body?.cancel().catch(() => undefined);
      return { kind: 'delivered' };
    }
    const { status } = response;
    const said = await firstWords(response);
    const reason = `it answers with ${status}${said === '' ? '' : `: ${said}`}`;
    return { kind: 'failed', reason, again: status === 429 || status >= 500, wait: retryAfter(response) };
  } catch (error) {
    return networkFailure(error);
  }
}

/** fetch takes no address with a login in it, and its error would repeat that address. */
function splitLogin(text: string): { readonly url: string; readonly headers: Record<string, string> } {
  const url = new URL(text);
  const login = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  if (login === ':') return { url: url.href, headers: {} };
  url.username = '';
  url.password = '';
  return { url: url.href, headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
}

const longestAnswer = 4_096;

/**
 * The beginning of what was answered: a server may send without end, or break off. It is not cut to a length for people here: half
 * a secret would pass the mask.
 */
async function firstWords({ body }: Response): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.length >= longestAnswer) break;
    }
  } catch {
    // What came until then says enough.
  }
  return /^\s*</.test(text) ? '' : text.slice(0, longestAnswer).replace(/\s+/g, ' ').trim();
}
