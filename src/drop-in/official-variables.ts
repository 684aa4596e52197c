import { type Env, readVariable } from './ci-systems.ts';
import type { Treated } from './verdict.ts';

/** A variable of the official image. */
export interface OfficialVariable extends Treated {
  /** The setting of a Drone or Woodpecker plugin: `first` overrides the variable, `second` is used if that is not set. */
  readonly plugin?: 'first' | 'second';
  /** Another spelling, used if the variable is not set. */
  readonly alias?: string;
}

/** Every variable of the official image. */
export const officialVariables = [
  {
    name: 'GIT_REMOTE_URL',
    plugin: 'first',
    verdict: 'same',
    about:
      'The host and the app: `ssh://dokku@host:port/app`, also `dokku@host:app`. It replaces `DOKKU_HOST` and `DOKKU_APP`.',
  },
  {
    name: 'COMMAND',
    plugin: 'first',
    verdict: 'same',
    about:
      '`deploy` (the default), `review-apps:create` or `review-apps:destroy`. Any other value is an error.',
  },
  {
    name: 'BRANCH',
    plugin: 'first',
    verdict: 'safer',
    about:
      'Not needed: the code goes to the branch that the app deploys from, which the host reports. A push to another branch deploys nothing, and on a new app it changes the deploy branch.',
  },
  {
    name: 'CI_BRANCH_NAME',
    plugin: 'second',
    verdict: 'same',
    about: 'The branch, instead of the one in the variables of the CI system.',
  },
  {
    name: 'CI_COMMIT',
    plugin: 'second',
    verdict: 'same',
    about:
      'The commit to deploy, or anything that names one, instead of the one in the variables of the CI system.',
  },
  {
    name: 'GIT_PUSH_FLAGS',
    plugin: 'first',
    verdict: 'safer',
    about:
      '`--force` is not needed: a rewritten branch is deployed without it. A commit older than the running one needs `DOKKU_DEPLOY_ALLOW_OLDER: "true"`. `--dry-run` prints the plan. Flags that only change git’s output are ignored, and any other is refused.',
  },
  {
    name: 'DEPLOY_DOCKER_IMAGE',
    plugin: 'first',
    verdict: 'safer',
    about:
      'The image to deploy, as with `--image`. The registry is asked for its digest, so that new content under the same tag is deployed.',
  },
  {
    name: 'DEPLOY_USER_NAME',
    plugin: 'first',
    verdict: 'refused',
    about:
      'Left out, and the log says so: it only names the author of a commit that Dokku makes for the image. Who deployed is listed by `dokku-deploy releases`.',
  },
  {
    name: 'DEPLOY_USER_EMAIL',
    plugin: 'first',
    verdict: 'refused',
    about: 'Left out, as `DEPLOY_USER_NAME` is.',
  },
  {
    name: 'REVIEW_APP_NAME',
    plugin: 'first',
    verdict: 'safer',
    about:
      'The name of the review app; by default `review-APP-BRANCH`. The app of GIT_REMOTE_URL, or another one that `deploy` uses, is refused as a review app.',
  },
  {
    name: 'SSH_PRIVATE_KEY',
    plugin: 'first',
    verdict: 'safer',
    about: 'The private key. It is never written to disk, nor passed to another program.',
  },
  {
    name: 'SSH_PRIVATE_KEY_BASE64',
    plugin: 'first',
    verdict: 'safer',
    about: 'The private key as base64, used if `SSH_PRIVATE_KEY` is not set.',
  },
  {
    name: 'SSH_PASSPHRASE',
    plugin: 'first',
    alias: 'SSH_PASSPRHASE',
    verdict: 'same',
    about:
      'The passphrase of the private key. The official image documents this name, but reads `SSH_PASSPRHASE`; both work here.',
  },
  {
    name: 'SSH_HOST_KEY',
    plugin: 'first',
    verdict: 'safer',
    about:
      'The output of `ssh-keyscan`, as in `SSH_KNOWN_HOSTS`. Without it, the official image accepts whatever key answers; here the job fails, unless `SSH_HOST_KEY_CHECKING: accept-new` is set.',
  },
  {
    name: 'TRACE',
    verdict: 'safer',
    about:
      'Logs the names of the variables that were used. The official image prints each command, and the private key with them.',
  },
] as const satisfies readonly OfficialVariable[];

export type OfficialName = (typeof officialVariables)[number]['name'];

/** The values of these variables, by name. One that is empty is missing. */
export type OfficialValues = Readonly<Partial<Record<OfficialName, string>>>;

/** Reads the variables of the official image from a job's, with the settings of a plugin and other spellings. */
export function readOfficialVariables(env: Env): OfficialValues {
  return Object.fromEntries(
    officialVariables.flatMap((variable) => {
      const [found] = listNames(variable).flatMap((name) => readVariable(env, name) ?? []);
      // A passphrase may begin or end with a space.
      const read = found && (variable.name === 'SSH_PASSPHRASE' ? env[found.from] : found.value);
      return read === undefined ? [] : [[variable.name, read]];
    }),
  );
}

/** Returns the names of a variable, the one that takes precedence first. */
export function listNames({ name, plugin, alias }: OfficialVariable): string[] {
  const own = [name, ...(alias === undefined ? [] : [alias])];
  if (plugin === undefined) return own;
  return plugin === 'first' ? [`PLUGIN_${name}`, ...own] : [...own, `PLUGIN_${name}`];
}
