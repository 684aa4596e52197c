import { createRequesterFn, type RequestHandlerFn } from '@gitbeaker/requester-utils';
import { retryAfter } from '../notify/delivery.ts';

/** GitLab's answer to what it did not do. */
export class GitLabRefusal extends Error {
  readonly status: number;
  /** The `error` or `message` of its answer. */
  readonly said: string;
  /** Milliseconds after which it wants to be asked again. */
  readonly wait: number | undefined;

  constructor(response: Response, said: string) {
    super(`GitLab answers with ${response.status}`);
    this.status = response.status;
    this.said = said;
    this.wait = retryAfter(response);
  }
}

/**
 * How the API's client asks: each question once, until the signal ends it. The client's own way asks again up to ten times, also
 * for a note that was written although a proxy said otherwise. Raises GitLabRefusal, SyntaxError for what is no JSON, and what
 * fetch raises.
 */
export function askingOnce(signal: AbortSignal): ReturnType<typeof createRequesterFn> {
  return createRequesterFn((_, request) => Promise.resolve(request), handler(signal));
}

interface Options {
  readonly prefixUrl?: string;
  readonly searchParams?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function handler(signal: AbortSignal): RequestHandlerFn {
  return async (endpoint, options = {}) => {
    const { prefixUrl, searchParams = '', method = 'GET', headers = {}, body = null } = options as Options;
    const url = new URL(endpoint, prefixUrl?.replace(/\/*$/, '/'));
    url.search = searchParams;
    // A redirection would turn a note that is to be written into a question.
    const response = await fetch(url, { method, headers, body, redirect: 'manual', signal });
    const text = await response.text();
    if (!response.ok) throw new GitLabRefusal(response, wordsOf(text));
    return {
      body: JSON.parse(text),
      headers: Object.fromEntries(response.headers),
      status: response.status,
    };
  };
}

function wordsOf(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as { error?: unknown; message?: unknown };
    return String(error ?? message ?? '');
  } catch {
    return '';
  }
}
