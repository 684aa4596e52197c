import type { Treated } from './verdict.ts';

/** The hooks of the official image: programs in the project, and the file that one of them may write. */
export const officialHooks = [
  {
    name: 'bin/ci-pre-deploy',
    verdict: 'safer',
    about:
      'Runs after the app is set up and before it is deployed to. It gets the variables below, and no secret of the job.',
  },
  {
    name: 'bin/ci-post-deploy',
    verdict: 'safer',
    about: 'Runs after a successful deploy, in the same way.',
  },
  {
    name: 'bin/ci-pre-review-app-destroy',
    verdict: 'safer',
    about: 'Runs before a review app is removed, in the same way.',
  },
  {
    name: 'bin/ci-post-review-app-destroy',
    verdict: 'safer',
    about: 'Runs after a review app was removed, in the same way.',
  },
  {
    name: 'ci-commit-override',
    verdict: 'safer',
    about:
      'A file that names the commit to deploy instead, for example one that `bin/ci-pre-deploy` has made. An empty file is refused: the official image would delete the branch on the host.',
  },
] as const satisfies readonly Treated[];

export type HookName = Exclude<(typeof officialHooks)[number]['name'], 'ci-commit-override'>;

/** The variables of a hook that the official image documents or sets, and others that this tool passes on. */
export const hookVariables = [
  { name: 'APP_NAME', verdict: 'same', about: 'The app that is deployed to or removed.' },
  { name: 'IS_REVIEW_APP', verdict: 'same', about: '`true` for a review app, else `false`.' },
  {
    name: 'IS_REVIEW_APP_CREATE',
    verdict: 'same',
    about: '`true` in a job with `review-apps:create`, else `false`; only for the hooks of a deploy.',
  },
  {
    name: 'SSH_REMOTE',
    verdict: 'safer',
    about:
      '`ssh://dokku@host:port`. `ssh "$SSH_REMOTE" -- COMMAND` runs a command of Dokku over the connection of dokku-deploy, and git can use it too: the hook has access to the host without ever seeing the key. It reaches only this host. `scp` and forwarding are refused.',
  },
] as const satisfies readonly Treated[];
