import type { Flag } from './command.ts';

/** The flags of the files that a run leaves for GitLab and for later jobs. */
export const artifactFlags: readonly Flag[] = [
  {
    name: 'dotenv',
    value: 'file',
    about: 'path of the dotenv report (default in a CI job: dokku-deploy.env; `none`: not written)',
  },
  {
    name: 'facts',
    value: 'file',
    about: 'path of the JSON summary (default in a CI job: deploy.json; `none`: not written)',
  },
  {
    name: 'annotations',
    value: 'file',
    about:
      'path of the links for the job’s page (default in a CI job: dokku-deploy-links.json; `none`: not written)',
  },
  {
    name: 'junit',
    value: 'file',
    about:
      'path of the JUnit report of the steps (default in a CI job: dokku-deploy-junit.xml; `none`: not written)',
  },
  { name: 'strict', about: 'exit 1 if a report or a notification could not be delivered' },
];
