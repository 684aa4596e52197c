import type { Treated } from './verdict.ts';

/** The programs of the official image that jobs call, and other things that it does in each job. */
export const officialPrograms = [
  {
    name: 'dokku-deploy',
    verdict: 'safer',
    about: 'Without arguments, it runs the job that the variables describe.',
  },
  {
    name: 'dokku-unlock',
    verdict: 'safer',
    about:
      'Removes the deploy lock only if no deploy of the app is running. The official image removes any, so that a second deploy can start next to the first.',
  },
] as const satisfies readonly Treated[];
