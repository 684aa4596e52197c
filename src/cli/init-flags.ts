import type { Flag } from './command.ts';

/** The flags of `init`. */
export const initFlags: readonly Flag[] = [
  { name: 'yes', about: 'ask nothing: use these flags and the proposed defaults' },
  { name: 'host', value: 'address', about: 'address of the Dokku host (default: $DOKKU_HOST)' },
  { name: 'look', about: 'check which plugins and apps the host has; needs SSH_PRIVATE_KEY' },
  {
    name: 'services',
    value: 'list',
    about: 'services of each app, e.g. postgres:17,redis, or `none` (default: what the project’s files name)',
  },
  {
    name: 'environments',
    value: 'list',
    about:
      'environments to deploy to (default: staging,production); production and all but the first are deployed by hand',
  },
  { name: 'no-review', about: 'no review apps' },
  {
    name: 'pipeline',
    value: 'kind',
    choices: ['component', 'jobs', 'none'],
    about: 'what to write to .gitlab-ci.yml, or to print if it exists (default: component)',
  },
  { name: 'component', value: 'project', about: 'project of dokku-deploy on your GitLab' },
  { name: 'image', value: 'name', about: 'image of the jobs' },
  {
    name: 'key-file',
    value: 'file',
    about: 'make a deploy key, and write its private half to this new file outside the project',
  },
  { name: 'route-map', about: 'write .gitlab/route-map.yml, if the pages of the project can be guessed' },
];
