import { Buffer } from 'node:buffer';
import { networkFailure, type Tried } from '../delivery.ts';
import { version } from '../version.ts';
import { cut } from './markup.ts';

/** What is sent to an address that takes messages. */
export interface Posting {
  /** May carry a login, as `https://user:password@host/…`. */
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** fetch takes no address with a login in it, and its error would repeat that address. */
const splitLogin = (text: string): { readonly url: string; readonly headers: Record<string, string> } => {
  const url = new URL(text);
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  if (login === ':') return { url: url.href, headers: {} };
  url.username = '';
  url.password = '';
  return { url: url.href, headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
};

/** The beginning of what was answered: a server may send without end. */
const firstWords = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  const text = value ? Buffer.from(value).toString() : '';
  return /^\s*</.test(text) ? '' : cut(text.replace(/\s+/g, ' ').trim(), 120);
};

/** RFC 9110: a number of seconds; a date is left out of account. */
const retryAfter = (response: Response): { readonly wait: number } | undefined => {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? { wait: seconds * 1_000 } : undefined;
};

/**
 * Posts JSON to a webhook. Any answer of 200 to 299 is a delivery; 429 and those from 500 on are worth another try, as is a
 * connection that failed. A redirection is not followed: it would turn the message into a question.
 */
export const post = async ({ url, body, headers }: Posting, signal: AbortSignal): Promise<Tried> => {
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
    const said = await firstWords(response);
    if (response.ok) return { kind: 'delivered' };
    const { status } = response;
    const reason = `it answers with ${status}${said === '' ? '' : `: ${said}`}`;
    return { kind: 'failed', reason, again: status === 429 || status >= 500, ...retryAfter(response) };
  } catch (error) {
    return networkFailure(error);
  }
};
