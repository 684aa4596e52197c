import type { Source } from '../../src/context/context.ts';

/** What git gets of the environment in a test. */
export const childEnv = { PATH: process.env.PATH, HOME: '/nonexistent' };

/** A source as a job without a configuration file has it. */
export const makeSource = ({ folder }: { readonly folder: string }, more: Partial<Source> = {}): Source => ({
  folder,
  history: 'snapshot',
  include: [],
  commit: undefined,
  committedAt: undefined,
  extra: {},
  ...more,
});
