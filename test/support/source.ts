import type { Source } from '../../src/context/context.ts';

/** The environment that git gets in a test. */
export const childEnv = { PATH: process.env.PATH, HOME: '/nonexistent' };

/** The source of a job without a configuration file. */
export const makeSource = ({ folder }: { readonly folder: string }, more: Partial<Source> = {}): Source => ({
  folder,
  history: 'snapshot',
  include: [],
  commit: undefined,
  committedAt: undefined,
  extra: {},
  ...more,
});
