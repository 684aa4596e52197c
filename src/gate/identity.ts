import { z } from 'zod';
import { DeployError } from '../errors.ts';

/** Who a session is: the job, as GitLab vouches for it. */
export interface Identity {
  /** GitLab's id of the project. */
  readonly projectId: string | undefined;
  readonly projectPath: string;
  /** The branch or tag; in a merge request pipeline, the source branch. */
  readonly ref: string;
  readonly refKind: 'branch' | 'tag' | 'merge request';
  readonly isProtected: boolean;
  /** The environment of the job. */
  readonly environment: string | undefined;
  readonly job: string | undefined;
  readonly user: string | undefined;
}

const id = z.union([z.string(), z.number()]).transform(String);
const flag = z.union([z.boolean(), z.enum(['true', 'false'])]).transform((value) => String(value) === 'true');

// The claims of GitLab’s ID tokens (docs.gitlab.com, “ID token authentication”), which are texts but for a few.
const claimsSchema = z.object({
  project_id: id.optional(),
  project_path: z.string().min(1),
  ref: z.string().min(1),
  ref_type: z.enum(['branch', 'tag']).optional(),
  ref_path: z.string().optional(),
  ref_protected: flag.optional(),
  pipeline_source: z.string().optional(),
  environment: z.string().min(1).optional(),
  job_id: id.optional(),
  user_login: z.string().optional(),
});

/** Reads the identity of a job from the claims of its ID token. Throws `usage` for claims that name no project and ref. */
export function readIdentity(claims: unknown): Identity {
  const read = claimsSchema.safeParse(claims);
  if (!read.success) {
    throw new DeployError('usage', {
      message: 'The identity is not that of a GitLab job.',
      said: read.error.issues.map(({ path, message }) => `${path.join('.') || 'identity'}: ${message}`),
      remedy:
        'It must be an object with the claims of an ID token: project_path, ref, ref_type, environment …',
    });
  }
  const { data } = read;
  return {
    projectId: data.project_id,
    projectPath: data.project_path,
    ref: data.ref,
    refKind: findRefKind(data),
    isProtected: data.ref_protected === true,
    environment: data.environment,
    job: data.job_id,
    user: data.user_login,
  };
}

/** A merge request's `ref` is only the name of its source branch, which may be one of a fork. */
function findRefKind({ ref, ref_type, ref_path, pipeline_source }: z.infer<typeof claimsSchema>) {
  const isMergeRequest =
    pipeline_source === 'merge_request_event' || ref_path?.startsWith('refs/merge-requests/') === true;
  if (isMergeRequest) return 'merge request';
  const kind = ref_type ?? 'branch';
  const expected = kind === 'tag' ? `refs/tags/${ref}` : `refs/heads/${ref}`;
  // A path of another form is one that this version does not know: it gets the fewest rights.
  return ref_path === undefined || ref_path === expected ? kind : 'merge request';
}
