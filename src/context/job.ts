import type { Variables } from '../environment/variables.ts';
import type { Job } from './context.ts';

/** The job's pages and who started it, as far as the job says. */
export const jobOf = (variables: Variables): Job => ({
  url: variables.CI_JOB_URL,
  pipelineUrl: variables.CI_PIPELINE_URL,
  projectUrl: variables.CI_PROJECT_URL,
  user: variables.GITLAB_USER_NAME ?? variables.GITLAB_USER_LOGIN,
});
