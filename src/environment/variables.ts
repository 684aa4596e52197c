import { gitlabVariables } from './gitlab-variables.ts';
import type { Variable } from './variable.ts';

/** Every variable that is read. */
export const variables = [
  {
    name: 'DOKKU_HOST',
    kind: 'text',
    by: 'user',
    about:
      'The Dokku host: `host`, `host:port`, `user@host` or `ssh://user@host:port`, or the URL of a git remote (`dokku@host:app`). The default user is `dokku`.',
  },
  {
    name: 'DOKKU_GATE',
    kind: 'text',
    by: 'user',
    about:
      'A gate in front of the host, instead of DOKKU_HOST and SSH_PRIVATE_KEY: `ssh://host:port#SHA256:…`, with the fingerprint of its host key (or that in SSH_KNOWN_HOSTS).',
  },
  {
    name: 'DOKKU_GATE_TOKEN',
    kind: 'text',
    secret: true,
    by: 'user',
    about:
      'The ID token with which a job logs in at the gate: `id_tokens: {DOKKU_GATE_TOKEN: {aud: dokku-deploy}}`.',
  },
  {
    name: 'DOKKU_GATE_KEY',
    kind: 'text',
    secret: true,
    by: 'user',
    about:
      'The key with which a job of the custom executor logs in at its own gate, instead of a token. The driver sets it.',
  },
  {
    name: 'DOKKU_RUN',
    kind: 'text',
    by: 'user',
    about:
      'For a job of the custom executor: `inside` runs its whole script in a one-off container of the branch’s review app ([how](custom-executor.md#a-script-beside-the-review-apps-database)).',
  },
  {
    name: 'SSH_PRIVATE_KEY',
    kind: 'file-or-text',
    secret: true,
    by: 'user',
    about: 'The private key, as text or as a file-type variable, in any common format.',
  },
  {
    name: 'SSH_PRIVATE_KEY_BASE64',
    kind: 'text',
    secret: true,
    by: 'user',
    about: 'The private key as base64, so that GitLab can mask it.',
  },
  {
    name: 'SSH_PASSPHRASE',
    kind: 'text',
    secret: true,
    by: 'user',
    about: 'The passphrase of the private key, if it has one.',
  },
  {
    name: 'SSH_KNOWN_HOSTS',
    kind: 'file-or-text',
    by: 'user',
    about:
      'The host’s public keys: lines of known_hosts (as `ssh-keyscan` prints them), or `SHA256:…` fingerprints.',
  },
  {
    name: 'SSH_HOST_KEY_CHECKING',
    kind: 'text',
    by: 'user',
    about:
      '`accept-new` accepts any key of a host that is not in SSH_KNOWN_HOSTS. By default, an unknown host is refused.',
  },
  {
    name: 'DOKKU_APP',
    kind: 'text',
    by: 'user',
    about:
      'The app of `deploy`, instead of the one named like the project. A review app gets the branch appended, unless the value contains it.',
  },
  {
    name: 'DOKKU_ENV_*',
    kind: 'text',
    by: 'user',
    about:
      'The app’s configuration, like K8S_SECRET_* of Auto DevOps: `DOKKU_ENV_SMTP_PASSWORD` sets `SMTP_PASSWORD` on the app. Scope it to an environment in GitLab. Overrides `env` and `env_files`; once removed here, it is removed from the app. Its value is a secret, unless it is an ordinary setting.',
  },
  {
    name: 'DOKKU_DEPLOY_ALLOW_OLDER',
    kind: 'text',
    by: 'user',
    about:
      '`true` lets `deploy` go back to a commit older than the running one, as `--allow-older` does. A job with `environment:` does not need it.',
  },
  {
    name: 'DOKKU_DEPLOY_AUTO_STOP_IN',
    kind: 'text',
    by: 'user',
    about:
      'When GitLab removes the review app, for the note in the merge request: `auto_stop_in` of the job. The component sets it.',
  },
  {
    name: 'DOKKU_DEPLOY_AFTER_MERGE',
    kind: 'text',
    by: 'user',
    about:
      'The environment that a merge deploys to, for the note in the merge request. The component `pipeline` sets it.',
  },
  {
    name: 'GITLAB_TOKEN',
    kind: 'text',
    secret: true,
    by: 'user',
    about:
      'A project access token with the scope `api`, to write the note in the merge request (a job token cannot). Leave “Protect variable” unchecked: review apps run on unprotected branches.',
  },
  {
    name: 'SLACK_WEBHOOK_URL',
    kind: 'text',
    secret: true,
    by: 'user',
    about: 'A Slack incoming webhook: gets a message when `deploy` succeeds or fails.',
  },
  {
    name: 'GOOGLE_CHAT_WEBHOOK_URL',
    kind: 'text',
    secret: true,
    by: 'user',
    about: 'A Google Chat incoming webhook: gets a message when `deploy` succeeds or fails.',
  },
  {
    name: 'SMTP_URL',
    kind: 'text',
    secret: true,
    by: 'user',
    about:
      'The mail server: `smtp://login:password@host:587` (STARTTLS) or `smtps://…` (TLS from the start). Needs NOTIFY_EMAIL.',
  },
  {
    name: 'NOTIFY_EMAIL',
    kind: 'text',
    by: 'user',
    about: 'Who gets a mail when `deploy` succeeds or fails: addresses, separated by commas.',
  },
  {
    name: 'NOTIFY_FROM',
    kind: 'text',
    by: 'user',
    about:
      'The sender of those mails. Default: the login in SMTP_URL if it is an address, else the first of NOTIFY_EMAIL.',
  },
  {
    name: 'DOKKU_DEPLOY_HOOK_VARIABLES',
    kind: 'text',
    by: 'user',
    about:
      'Variables that the hooks of a project get, separated by commas; only for jobs that were written for `dokku/ci-docker-image` (see from-the-official-image.md).',
  },
  ...gitlabVariables,
  // Not among those of GitLab, whose values are never masked: people write it.
  {
    name: 'CI_MERGE_REQUEST_TITLE',
    kind: 'text',
    by: 'gitlab',
    about: 'The title of the merge request, which shows in older versions whether it is a draft.',
  },
  { name: 'NO_COLOR', kind: 'flag', by: 'user', about: 'Any value turns colours off.' },
  { name: 'PATH', kind: 'text', by: 'user', about: 'Where to find git.' },
  { name: 'HOME', kind: 'text', by: 'user', about: 'Passed to git.' },
  {
    name: 'USER',
    kind: 'text',
    by: 'user',
    about: 'Outside of GitLab, who is recorded for a deploy or a lock.',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]['name'];

/** The job's variables by name. An empty variable counts as unset: GitLab sets many that are empty. */
export type Variables = Readonly<Partial<Record<VariableName, string>>>;

/** Reads the declared variables from an environment, under their older names too. */
export function readVariables(env: Readonly<Record<string, string | undefined>>): Variables {
  return Object.fromEntries(
    variables.flatMap((variable) => {
      const names = [variable.name, ...('older' in variable ? variable.older : [])];
      const value = names
        .map((name) => env[name])
        .find((found) => found !== undefined && found.trim() !== '');
      return value === undefined ? [] : [[variable.name, value]];
    }),
  );
}
