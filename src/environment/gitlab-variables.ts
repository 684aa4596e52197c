import { mergeRequestVariables } from './merge-request-variables.ts';
import type { Variable } from './variable.ts';

/** GitLab's predefined variables that are read. */
export const gitlabVariables = [
  {
    name: 'CI_JOB_TOKEN',
    kind: 'text',
    secret: true,
    by: 'gitlab',
    about: 'The job’s token. It is only masked in the log.',
  },
  {
    name: 'CI_COMMIT_REF_NAME',
    older: ['CI_BUILD_REF_NAME'],
    kind: 'text',
    by: 'gitlab',
    about: 'The branch or tag; in a merge request pipeline, the source branch.',
  },
  {
    name: 'CI_COMMIT_REF_SLUG',
    older: ['CI_BUILD_REF_SLUG'],
    kind: 'text',
    by: 'gitlab',
    about: 'The branch or tag as part of a host name: the default name of a review app.',
  },
  {
    name: 'CI_COMMIT_REF_PROTECTED',
    kind: 'flag',
    by: 'gitlab',
    about: 'Whether the job gets protected variables.',
  },
  {
    name: 'CI_DEFAULT_BRANCH',
    kind: 'text',
    by: 'gitlab',
    about:
      'The project’s default branch: `review start` refuses it unless `--allow-default-branch` is given.',
  },
  {
    name: 'CI_COMMIT_SHA',
    older: ['CI_BUILD_REF'],
    kind: 'text',
    by: 'gitlab',
    about: 'The commit to ship.',
  },
  {
    name: 'CI_COMMIT_TIMESTAMP',
    kind: 'text',
    by: 'gitlab',
    about: 'When it was committed, for a job that ships an image and has no checkout.',
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
    about: 'The job’s environment: what `deploy` deploys to by default.',
  },
  {
    name: 'CI_ENVIRONMENT_TIER',
    kind: 'text',
    by: 'gitlab',
    about: 'The tier of that environment: the app of a production environment is named like the project.',
  },
  {
    name: 'CI_PROJECT_ID',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s id: identifies the owner of an app.',
  },
  {
    name: 'CI_PROJECT_PATH',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s path: names the owner of an app.',
  },
  {
    name: 'CI_PROJECT_NAME',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s name, with which the default name of an environment’s app begins.',
  },
  {
    name: 'CI_API_V4_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'The URL of GitLab’s API, for the note in the merge request.',
  },
  {
    name: 'CI_SERVER_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'GitLab’s URL, used if CI_API_V4_URL is not set.',
  },
  ...mergeRequestVariables,
  {
    name: 'CI_PROJECT_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'The project’s page: notifications link to the commit there.',
  },
  {
    name: 'CI_JOB_ID',
    kind: 'text',
    by: 'gitlab',
    about: 'The job’s id: the note in the merge request is about the newest job.',
  },
  {
    name: 'CI_DEPLOY_FREEZE',
    kind: 'text',
    by: 'gitlab',
    about:
      'Set by GitLab during a deploy freeze: `deploy` and `promote` refuse then, unless --during-freeze is given.',
  },
  {
    name: 'CI_JOB_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'The job’s page: notifications link to its log.',
  },
  {
    name: 'CI_PIPELINE_URL',
    kind: 'text',
    by: 'gitlab',
    about: 'The pipeline’s page: notifications link to it.',
  },
  {
    name: 'GITLAB_USER_NAME',
    kind: 'text',
    by: 'gitlab',
    about: 'Who started the job: notifications name them.',
  },
  {
    name: 'GITLAB_USER_LOGIN',
    kind: 'text',
    by: 'gitlab',
    about: 'The user’s login, used if GITLAB_USER_NAME is not set.',
  },
  {
    name: 'CI_REGISTRY',
    kind: 'text',
    by: 'gitlab',
    about: 'The address of GitLab’s image registry: the credentials below are used for it only.',
  },
  {
    name: 'CI_DEPLOY_USER',
    kind: 'text',
    by: 'gitlab',
    about:
      'The user of the project’s deploy token `gitlab-deploy-token`, to look an image up in that registry.',
  },
  {
    name: 'CI_DEPLOY_PASSWORD',
    kind: 'text',
    secret: true,
    by: 'gitlab',
    about: 'The password of that deploy token.',
  },
  {
    name: 'CI_REGISTRY_USER',
    kind: 'text',
    by: 'gitlab',
    about: 'The job’s own login at that registry, used without a deploy token.',
  },
  {
    name: 'CI_REGISTRY_PASSWORD',
    kind: 'text',
    secret: true,
    by: 'gitlab',
    about: 'The password of that login. It is valid until the job ends, so the host never gets it.',
  },
  {
    name: 'GITLAB_CI',
    kind: 'flag',
    by: 'gitlab',
    about:
      'If set, the log has GitLab’s collapsible sections, and the reports and `deploy.json` are written by default.',
  },
  {
    name: 'CI',
    kind: 'flag',
    by: 'gitlab',
    about: 'If set, as in any CI job, those two files are written by default.',
  },
] as const satisfies readonly Variable[];
