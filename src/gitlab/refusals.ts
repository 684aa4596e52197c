import { networkFailure, type Tried } from '../delivery.ts';

/** What the API answered, as its client keeps it. Its request, with the token, is not looked at. */
interface Answered {
  readonly response?: { readonly status?: number };
  readonly description?: string;
}

/** The status with which GitLab refused; undefined for a failure of another kind. */
export const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'GitbeakerRetryError') return Number(/status code: (\d+)/.exec(error.message)?.[1]);
  return error.name === 'GitbeakerRequestError' ? (error.cause as Answered)?.response?.status : undefined;
};

const noRight =
  'Its role has to be Reporter or higher (Developer, where the discussion is locked), its scope api';

const remedies: Readonly<Record<number, string>> = {
  401: 'GitLab does not accept GITLAB_TOKEN (401): it has expired, was revoked, or is mistyped. A project access token with the scope api will do',
  403: `GITLAB_TOKEN may not write there (403). ${noRight}`,
  404: `GITLAB_TOKEN does not see the merge request (404): is it a token of that project? ${noRight}`,
};

/** Why a note was not written, with what to do about it; never with the client's own error, which holds the token. */
export const failureOf = (error: unknown): Tried => {
  const status = statusOf(error);
  if (status !== undefined) {
    const { description = '' } = ((error as Error).cause ?? {}) as Answered;
    const scope = /insufficient_scope/.test(description) ? ': it lacks the scope api' : '';
    const reason = remedies[status] ?? `GitLab answers with ${status}`;
    return { kind: 'failed', reason: `${reason}${scope}`, again: status === 429 || status >= 500 };
  }
  const { name } = error as Error;
  if (name === 'GitbeakerTimeoutError')
    return { kind: 'failed', reason: 'GitLab does not answer', again: true };
  if (name === 'ZodError' || name === 'SyntaxError') {
    return {
      kind: 'failed',
      reason: 'what answers there is not GitLab’s API: see CI_API_V4_URL',
      again: false,
    };
  }
  return networkFailure(error);
};
