import type { Variable } from './variable.ts';

/** The variables about a merge request that GitLab sets. */
export const mergeRequestVariables = [
  {
    name: 'CI_MERGE_REQUEST_IID',
    kind: 'number',
    by: 'gitlab',
    about: 'The merge request, in a merge request pipeline. In a branch pipeline it is looked up.',
  },
  {
    name: 'CI_MERGE_REQUEST_PROJECT_ID',
    kind: 'text',
    by: 'gitlab',
    about: 'The project that the merge request is in. For one from a fork, this is not the job’s project.',
  },
  {
    name: 'CI_MERGE_REQUEST_SOURCE_BRANCH_SHA',
    kind: 'text',
    by: 'gitlab',
    about:
      'In a merged results pipeline, the source branch’s commit: messages name it instead of GitLab’s merge commit (CI_COMMIT_SHA).',
  },
  {
    name: 'CI_MERGE_REQUEST_TARGET_BRANCH_NAME',
    kind: 'text',
    by: 'gitlab',
    about: 'In a merged results pipeline, the target branch.',
  },
  {
    name: 'CI_MERGE_REQUEST_PROJECT_PATH',
    kind: 'text',
    by: 'gitlab',
    about: 'The path of the project that the merge request is in, to recognise one from a fork.',
  },
  {
    name: 'CI_MERGE_REQUEST_SOURCE_PROJECT_PATH',
    kind: 'text',
    by: 'gitlab',
    about:
      'The project that the source branch is in: the name of a fork’s review app includes the fork’s path.',
  },
  {
    name: 'CI_OPEN_MERGE_REQUESTS',
    kind: 'text',
    by: 'gitlab',
    about: 'Whether a branch has a merge request, for a hint if GITLAB_TOKEN is missing.',
  },
  {
    name: 'CI_MERGE_REQUEST_SOURCE_PROJECT_ID',
    kind: 'text',
    by: 'gitlab',
    about: 'The project that the source branch is in, for `--skip forks`.',
  },
  {
    name: 'CI_MERGE_REQUEST_DIFF_BASE_SHA',
    kind: 'text',
    by: 'gitlab',
    about: 'The commit that the merge request is compared with, to link to the pages that it changes.',
  },
  {
    name: 'CI_MERGE_REQUEST_LABELS',
    kind: 'text',
    by: 'gitlab',
    about: 'The labels of the merge request, separated by commas, for `--only-label`.',
  },
  {
    name: 'CI_MERGE_REQUEST_DRAFT',
    kind: 'text',
    by: 'gitlab',
    about: 'Whether the merge request is a draft, for `--skip drafts`. Set by GitLab 17.10 and newer.',
  },
] as const satisfies readonly Variable[];
