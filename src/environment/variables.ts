/** A variable of the job that this tool reads. Declared here once; the docs' table is made from it. */
export interface Variable {
  readonly name: string;
  /** Names that older GitLab versions use for it. */
  readonly older?: readonly string[];
  /** `file-or-text`: GitLab may hand over a path (a file-type variable) or the content. */
  readonly kind: 'text' | 'number' | 'flag' | 'file-or-text';
  readonly secret?: true;
  /** Who sets it: the user as a CI variable, or GitLab. */
  readonly by: 'user' | 'gitlab';
  readonly about: string;
}

/** Every variable that is read. */
export const variables = [
  {
    name: 'DOKKU_HOST',
    kind: 'text',
    by: 'user',
    about:
      'The Dokku host: `host`, `host:port`, `user@host`, or `ssh://user@host:port`; the user is `dokku` unless named.',
  },
  {
    name: 'SSH_PRIVATE_KEY',
    kind: 'file-or-text',
    secret: true,
    by: 'user',
    about: 'The private half of a deploy key, as text or as a file-type variable, in any common form.',
  },
  {
    name: 'SSH_PRIVATE_KEY_BASE64',
    kind: 'text',
    secret: true,
    by: 'user',
    about: 'The same key as base64, so that GitLab can mask it.',
  },
  {
    name: 'SSH_PASSPHRASE',
    kind: 'text',
    secret: true,
    by: 'user',
    about: 'The passphrase of the key, if it has one.',
  },
  {
    name: 'SSH_KNOWN_HOSTS',
    kind: 'file-or-text',
    by: 'user',
    about:
      'The host’s public key: lines of known_hosts (what `ssh-keyscan` prints), or its `SHA256:…` fingerprint.',
  },
  {
    name: 'SSH_HOST_KEY_CHECKING',
    kind: 'text',
    by: 'user',
    about: '`accept-new` takes any key of a host that is not in SSH_KNOWN_HOSTS. Pinning is the default.',
  },
  {
    name: 'DOKKU_APP',
    kind: 'text',
    by: 'user',
    about: 'The name of the app, in the place of the one that is made from the branch or the project.',
  },
  {
    name: 'GITLAB_TOKEN',
    kind: 'text',
    secret: true,
    by: 'user',
    about:
      'A project access token with the scope `api`: it writes the note in the merge request. A job token cannot. Not protected, since review apps are of unprotected branches.',
  },
  {
    name: 'SLACK_WEBHOOK_URL',
    kind: 'text',
    secret: true,
    by: 'user',
    about: 'An incoming webhook of Slack: a message when `deploy` has ended, well or not.',
  },
  {
    name: 'SMTP_URL',
    kind: 'text',
    secret: true,
    by: 'user',
    about:
      'The mail server: `smtp://login:password@host:587` (STARTTLS) or `smtps://…` (TLS from the start). Goes with NOTIFY_EMAIL.',
  },
  {
    name: 'NOTIFY_EMAIL',
    kind: 'text',
    by: 'user',
    about: 'Who gets a mail when `deploy` has ended, well or not: addresses with commas between them.',
  },
  {
    name: 'NOTIFY_FROM',
    kind: 'text',
    by: 'user',
    about: 'The sender of those mails. The default is the login of SMTP_URL, or the first of NOTIFY_EMAIL.',
  },
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
    about: 'The log is written with GitLab’s collapsible sections.',
  },
  { name: 'NO_COLOR', kind: 'flag', by: 'user', about: 'Any value switches colours off.' },
  { name: 'PATH', kind: 'text', by: 'user', about: 'Where git is found.' },
  { name: 'HOME', kind: 'text', by: 'user', about: 'Handed to git.' },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]['name'];

/** The job's variables by name; empty ones count as unset, since GitLab sends many empty. */
export type Variables = Readonly<Partial<Record<VariableName, string>>>;

/** Takes what is declared out of an environment, older names included. */
export const readVariables = (env: Readonly<Record<string, string | undefined>>): Variables =>
  Object.fromEntries(
    variables.flatMap((variable) => {
      const names = [variable.name, ...('older' in variable ? variable.older : [])];
      const value = names
        .map((name) => env[name])
        .find((found) => found !== undefined && found.trim() !== '');
      return value === undefined ? [] : [[variable.name, value]];
    }),
  );
