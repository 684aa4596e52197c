import { createRequesterFn, type RequestHandlerFn } from '@gitbeaker/requester-utils';
import { readRetryAfter } from '../notify/delivery.ts';

/** GitLab's answer to what it did not do. */
export class GitLabError extends Error {
  readonly status: number;
  /** The `error` or `message` of its answer. */
  readonly detail: string;
  /** Milliseconds after which it wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(response: Response, said: string) {
    super(`GitLab answers with ${response.status}`);
    this.status = response.status;
    this.detail = said;
    this.retryAfter = readRetryAfter(response);
  }
}

/**
 * How the API's client asks: each question once, until the signal ends it. The client's own way asks again up to ten times, also
 * for a note that was written although a proxy said otherwise. Raises GitLabRefusal, SyntaxError for what is no JSON, and what
 * fetch raises.
 */
export function createRequester(signal: AbortSignal): ReturnType<typeof createRequesterFn> {
  return createRequesterFn((_, request) => Promise.resolve(request), createHandler(signal));
}

interface RequestOptions {
  readonly prefixUrl?: string;
  readonly searchParams?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function createHandler(signal: AbortSignal): RequestHandlerFn {
  return async (endpoint, options = {}) => {
    const {
      prefixUrl,
      searchParams = '',
      method = 'GET',
      headers = {},
      body = null,
    } = options as RequestOptions;
    const url = new URL(endpoint, prefixUrl?.replace(/\/*$/, '/'));
    url.search = searchParams;
    // A redirection would turn a note that is to be written into a question.
    const response = await fetch(url, { method, headers, body, redirect: 'manual', signal });
    const text = await response.text();
    if (!response.ok) throw new GitLabError(response, readErrorMessage(text));
    return {
      body: JSON.parse(text),
      headers: Object.fromEntries(response.headers),
      status: response.status,
    };
  };
}

function readErrorMessage(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as { error?: unknown; message?: unknown };
    return String(error ?? message ?? '');
  } catch {
    return '';
  }
}
