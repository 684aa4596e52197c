import type { JobInput } from '../environment/job-input.ts';
import type { Project } from './context.ts';

/** Returns the job's project; outside GitLab, the checkout's. */
export function resolveProject({ variables, checkout }: JobInput): Project {
  return {
    id: variables.CI_PROJECT_ID,
    path: variables.CI_PROJECT_PATH ?? checkout.project,
  };
}

/** Returns what stands for a project in the hash of a name: its id, which stays when the project is renamed or moved. */
export function hashOwner({ id, path }: Project): string {
  return id ?? path;
}
