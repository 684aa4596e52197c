import { gitlabVariables } from './gitlab-variables.ts';
import type { Variable } from './variable.ts';

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
  ...gitlabVariables,
  { name: 'NO_COLOR', kind: 'flag', by: 'user', about: 'Any value switches colours off.' },
  { name: 'PATH', kind: 'text', by: 'user', about: 'Where git is found.' },
  { name: 'HOME', kind: 'text', by: 'user', about: 'Handed to git.' },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]['name'];

/** The job's variables by name; empty ones count as unset, since GitLab sends many empty. */
export type Variables = Readonly<Partial<Record<VariableName, string>>>;

/** Takes what is declared out of an environment, older names included. */
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
