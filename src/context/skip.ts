import type { Variables } from '../environment/variables.ts';

/** What `--skip` can name. */
export const skippedKinds = ['drafts', 'bots', 'forks'] as const;

export type SkippedKind = (typeof skippedKinds)[number];

/** The flags that make `review start` skip a job. */
export interface SkipFlags {
  /** What is skipped. */
  readonly skip?: readonly SkippedKind[] | undefined;
  /** The label without which the job is skipped. */
  readonly onlyLabel?: string | undefined;
}

/** Returns why a job is to be skipped according to its flags, as a sentence; undefined if it is not. */
export function findSkipReason(
  { skip = [], onlyLabel }: SkipFlags,
  variables: Variables,
): string | undefined {
  const kind = skip.find((one) => reasons[one](variables) !== undefined);
  if (kind !== undefined) return `${reasons[kind](variables)} (--skip ${kind})`;
  if (onlyLabel === undefined || labelsOf(variables).includes(onlyLabel)) return undefined;
  const { CI_MERGE_REQUEST_IID: iid } = variables;
  return iid === undefined
    ? `the pipeline is not a merge request’s, so it has no label ${onlyLabel} (--only-label)`
    : `the merge request does not have the label ${onlyLabel} (--only-label)`;
}

const reasons: Readonly<Record<SkippedKind, (variables: Variables) => string | undefined>> = {
  drafts: (variables) => (isDraft(variables) ? 'the merge request is a draft' : undefined),
  bots: ({ GITLAB_USER_LOGIN: login = '' }) =>
    botLogin.test(login) ? `the pipeline is of the bot ${login}` : undefined,
  forks: (variables) => (isFork(variables) ? 'the merge request is from a fork' : undefined),
};

// GitLab names the users of access tokens and service accounts so.
const botLogin = /^(project|group)_\d+_bot|^service_account_|renovate|dependabot/;

/** GitLab before 17.10 does not set the variable. */
function isDraft({ CI_MERGE_REQUEST_DRAFT: draft, CI_MERGE_REQUEST_TITLE: title = '' }: Variables): boolean {
  return draft === undefined ? /^(draft:|\[draft\]|\(draft\))/i.test(title) : draft === 'true';
}

function isFork(variables: Variables): boolean {
  const { CI_MERGE_REQUEST_SOURCE_PROJECT_ID: source, CI_MERGE_REQUEST_PROJECT_ID: target } = variables;
  return source !== target;
}

function labelsOf({ CI_MERGE_REQUEST_LABELS: labels = '' }: Variables): readonly string[] {
  return labels.split(',').map((label) => label.trim());
}
