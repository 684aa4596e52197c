import { type DeliveryResult, toNetworkFailure } from '../notify/delivery.ts';
import { GitLabError } from './requester.ts';

/** Why a note was not written, with what to do about it. */
export function toDeliveryFailure(error: unknown): DeliveryResult {
  if (error instanceof GitLabError) return explainGitLabError(error);
  if (error instanceof Error && (error.name === 'ZodError' || error.name === 'SyntaxError')) {
    return {
      kind: 'failed',
      reason: 'what answers there is not GitLab’s API: see CI_API_V4_URL',
      retryable: false,
    };
  }
  return toNetworkFailure(error);
}

const roleHint = 'Its role has to be Reporter or higher, its scope api';
const redirectHint = 'GitLab answers with a redirection: it is not where CI_API_V4_URL says';

const remedies: Readonly<Record<number, string>> = {
  301: redirectHint,
  302: redirectHint,
  307: redirectHint,
  308: redirectHint,
  401: 'GitLab does not accept GITLAB_TOKEN (401): it has expired, was revoked, or is mistyped. A project access token with the scope api will do',
  403: `GITLAB_TOKEN may not write there (403). ${roleHint}`,
  404: `GITLAB_TOKEN does not see the merge request (404): is it a token of that project? ${roleHint}`,
};

function explainGitLabError({ status, detail, retryAfter, message }: GitLabError): DeliveryResult {
  const scope = /insufficient_scope/.test(detail) ? ': it lacks the scope api' : '';
  return {
    kind: 'failed',
    reason: `${remedies[status] ?? message}${scope}`,
    retryable: status === 429 || status >= 500,
    retryAfter,
  };
}
