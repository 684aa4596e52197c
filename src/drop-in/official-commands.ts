import type { Treated } from './verdict.ts';

/** The values of COMMAND, and what replaces each. */
export const officialCommands = [
  {
    name: 'deploy',
    verdict: 'safer',
    about:
      '`dokku-deploy deploy --app APP`; with another `REVIEW_APP_NAME`, `dokku-deploy review start`. Refused for an app of another project or environment, and for a commit older than the running one. An app that the official image deployed has no owner yet, and is adopted.',
  },
  {
    name: 'review-apps:create',
    verdict: 'safer',
    about:
      '`dokku-deploy review start --app REVIEW_APP_NAME --copy-env-from APP`. The official image copies the app with `apps:clone`, so that the review app uses its database; here it gets ordinary settings, the secrets that the parent’s operator allows, and its own services.',
  },
  {
    name: 'review-apps:destroy',
    verdict: 'safer',
    about:
      '`dokku-deploy review stop --app REVIEW_APP_NAME`, with the services that were created for it. An app without the marker of this project and branch is never destroyed. If the app is already gone, the job succeeds.',
  },
] as const satisfies readonly Treated[];

export type OfficialCommand = (typeof officialCommands)[number]['name'];

/** Returns the command of a job: `deploy` by default; undefined for a value that is none. */
export function readCommand(value = 'deploy'): OfficialCommand | undefined {
  return officialCommands.find(({ name }) => name === value)?.name;
}
