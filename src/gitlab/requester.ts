import { createRequesterFn, type RequestHandlerFn } from '@gitbeaker/requester-utils';
import { readRetryAfter } from '../notify/delivery.ts';

/** A response of GitLab with an error status. */
export class GitLabError extends Error {
  readonly status: number;
  /** The `error` or `message` of the response. */
  readonly detail: string;
  /** Milliseconds that it asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(response: Response, detail: string) {
    super(`GitLab answers with ${response.status}`);
    this.status = response.status;
    this.detail = detail;
    this.retryAfter = readRetryAfter(response);
  }
}

/**
 * Creates the function with which the API's client sends requests: each once, until the signal aborts it. The client's own
 * function retries up to ten times, even if the note was written and only a proxy failed. Throws GitLabError, SyntaxError for a
 * response that is not JSON, and what fetch throws.
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
    // A redirect would turn the POST into a GET.
    const response = await fetch(url, { method, headers, body, redirect: 'manual', signal });
    const text = await response.text();
    if (!response.ok) throw new GitLabError(response, readErrorMessage(text));
    return {
      body: response.status === 204 ? undefined : JSON.parse(text),
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
