import { networkFailure, type Tried } from '../notify/delivery.ts';
import { GitLabRefusal } from './requester.ts';

/** Why a note was not written, with what to do about it. */
export function failureOf(error: unknown): Tried {
  if (error instanceof GitLabRefusal) return refusalOf(error);
  if (error instanceof Error && (error.name === 'ZodError' || error.name === 'SyntaxError')) {
    return {
      kind: 'failed',
      reason: 'what answers there is not GitLab’s API: see CI_API_V4_URL',
      again: false,
    };
  }
  return networkFailure(error);
}

const noRight = 'Its role has to be Reporter or higher, its scope api';
const redirected = 'GitLab answers with a redirection: it is not where CI_API_V4_URL says';

const remedies: Readonly<Record<number, string>> = {
  301: redirected,
  302: redirected,
  307: redirected,
  308: redirected,
  401: 'GitLab does not accept GITLAB_TOKEN (401): it has expired, was revoked, or is mistyped. A project access token with the scope api will do',
  403: `GITLAB_TOKEN may not write there (403). ${noRight}`,
  404: `GITLAB_TOKEN does not see the merge request (404): is it a token of that project? ${noRight}`,
};

function refusalOf({ status, said, wait, message }: GitLabRefusal): Tried {
  const scope = /insufficient_scope/.test(said) ? ': it lacks the scope api' : '';
  return {
    kind: 'failed',
    reason: `${remedies[status] ?? message}${scope}`,
    again: status === 429 || status >= 500,
    wait,
  };
}
