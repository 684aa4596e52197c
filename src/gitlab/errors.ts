import { type DeliveryResult, toNetworkFailure } from '../notify/delivery.ts';
import { GitLabError } from './requester.ts';

/** Turns an error into the reason why a note was not written, with a remedy. */
export function toDeliveryFailure(error: unknown): DeliveryResult {
  if (error instanceof GitLabError) return explainGitLabError(error);
  if (error instanceof Error && (error.name === 'ZodError' || error.name === 'SyntaxError')) {
    return {
      kind: 'failed',
      reason: 'the response does not come from GitLab’s API: check CI_API_V4_URL',
      retryable: false,
    };
  }
  return toNetworkFailure(error);
}

const roleHint = 'It needs the role Reporter or higher, and the scope api';
const redirectHint = 'GitLab answers with a redirect: check CI_API_V4_URL';

const remedies: Readonly<Record<number, string>> = {
  301: redirectHint,
  302: redirectHint,
  307: redirectHint,
  308: redirectHint,
  401: 'GitLab rejects GITLAB_TOKEN (401): it has expired, was revoked or is mistyped. Create a project access token with the scope api',
  403: `GITLAB_TOKEN has no permission to write the note (403). ${roleHint}`,
  404: `GITLAB_TOKEN has no access to the merge request (404): is it a token of this project? ${roleHint}`,
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
