import type { Variable } from './variable.ts';

/** Those of GitLab's own variables that are read. */
export const gitlabVariables = [
  {
    name: 'CI_JOB_TOKEN',
    kind: 'text',
    secret: true,
    by: 'gitlab',
    about: 'The job’s own token: it is only kept out of the log.',
  },
  {
    name: 'CI_COMMIT_REF_NAME',
    older: ['CI_BUILD_REF_NAME'],
    kind: 'text',
    by: 'gitlab',
    about: 'The branch or tag; in a merge request pipeline the source branch.',
  },
  {
    name: 'CI_COMMIT_REF_SLUG',
    older: ['CI_BUILD_REF_SLUG'],
    kind: 'text',
    by: 'gitlab',
    about: 'The same as a host name: the default name of a review app.',
  },
  {
    name: 'CI_COMMIT_REF_PROTECTED',
    kind: 'flag',
    by: 'gitlab',
    about: 'Says whether protected variables were given to the job.',
  },
  {
    name: 'CI_COMMIT_SHA',
    older: ['CI_BUILD_REF'],
    kind: 'text',
    by: 'gitlab',
    about: 'The commit that is shipped.',
  },
  {
    name: 'CI_COMMIT_TAG',
    older: ['CI_BUILD_TAG'],
    kind: 'text',
    by: 'gitlab',
    about: 'The tag, in a tag pipeline.',
  },
  {
    name: 'CI_ENVIRONMENT_NAME',
    kind: 'text',
    by: 'gitlab',
    about: 'The environment of the job: what `deploy` deploys to.',
  },
  {
    name: 'CI_PROJECT_ID',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s number: whose a review app is.',
  },
  {
    name: 'CI_PROJECT_PATH',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s path: whose a review app is, in words.',
  },
  {
    name: 'CI_PROJECT_NAME',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s name: the default name of an environment’s app.',
  },
  {
    name: 'CI_API_V4_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'Where GitLab’s API is: the note in the merge request is written there.',
  },
  {
    name: 'CI_SERVER_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'Where GitLab is served, in the place of CI_API_V4_URL where that is not set.',
  },
  {
    name: 'CI_MERGE_REQUEST_IID',
    kind: 'number',
    by: 'gitlab',
    about: 'The merge request, in its own pipelines; in a branch’s it is looked for.',
  },
  {
    name: 'CI_MERGE_REQUEST_PROJECT_ID',
    kind: 'text',
    by: 'gitlab',
    about: 'The project that the merge request is in: not the job’s own for one from a fork.',
  },
  {
    name: 'CI_MERGE_REQUEST_SOURCE_BRANCH_SHA',
    kind: 'text',
    by: 'gitlab',
    about:
      'The branch’s own commit in a merged results pipeline, whose CI_COMMIT_SHA is GitLab’s merge of it: people are told of this one.',
  },
  {
    name: 'CI_MERGE_REQUEST_TARGET_BRANCH_NAME',
    kind: 'text',
    by: 'gitlab',
    about: 'What it is merged with there.',
  },
  {
    name: 'CI_MERGE_REQUEST_PROJECT_PATH',
    kind: 'text',
    by: 'gitlab',
    about: 'That project’s path, to tell a merge request of a fork by.',
  },
  {
    name: 'CI_MERGE_REQUEST_SOURCE_PROJECT_PATH',
    kind: 'text',
    by: 'gitlab',
    about:
      'The project that its branch is in: a fork’s review app bears the fork’s name, not that of the branch alone.',
  },
  {
    name: 'CI_OPEN_MERGE_REQUESTS',
    kind: 'text',
    by: 'gitlab',
    about:
      'Says in a branch’s pipeline whether there is a merge request, for a hint where GITLAB_TOKEN is missing.',
  },
  {
    name: 'CI_PROJECT_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s page: notices link to the commit there.',
  },
  {
    name: 'CI_JOB_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'The job’s page: notices link to its log.',
  },
  {
    name: 'CI_PIPELINE_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'The pipeline’s page: notices link to it.',
  },
  {
    name: 'GITLAB_USER_NAME',
    kind: 'text',
    by: 'gitlab',
    about: 'Who started the job: notices name them.',
  },
  {
    name: 'GITLAB_USER_LOGIN',
    kind: 'text',
    by: 'gitlab',
    about: 'The same, where there is no name.',
  },
  {
    name: 'GITLAB_CI',
    kind: 'flag',
    by: 'gitlab',
    about:
      'The log is written with GitLab’s collapsible sections, and the dotenv report and `deploy.json` are written even if no flag names them.',
  },
  {
    name: 'CI',
    kind: 'flag',
    by: 'gitlab',
    about: 'Set in any CI job, also outside of GitLab: the two files are written there as well.',
  },
] as const satisfies readonly Variable[];
