import { z } from 'zod';
import { raceWithStop } from '../apply/stop.ts';
import { readLimitedFile } from '../environment/read-file.ts';
import { DeployError } from '../errors.ts';
import type { Identity } from '../gate/identity.ts';
import type { TokenVerifier } from '../gate/tokens.ts';
import type { JobVariable } from './inside-script.ts';

const flag = z.boolean().nullish();
const variable = z.object({
  key: z.string(),
  value: z.string(),
  public: flag,
  masked: flag,
  file: flag,
  raw: flag,
});
const step = z.object({
  name: z.string(),
  script: z.array(z.string()).nullish(),
  timeout: z.number().nullish(),
});

// What the runner got from GitLab (JOB_RESPONSE_FILE, mode 0600). Unlike CUSTOM_ENV_*, a job cannot change the fields that count here.
const responseSchema = z.object({
  id: z.number(),
  job_info: z.object({ project_id: z.number(), project_full_path: z.string().optional() }),
  git_info: z.object({ ref: z.string(), ref_type: z.string().optional(), protected: z.boolean().nullish() }),
  image: z.object({ name: z.string().nullish() }).nullish(),
  services: z.array(z.object({ name: z.string() })).nullish(),
  variables: z.array(variable).nullish(),
  steps: z.array(step).nullish(),
});

/** A job, as GitLab gave it to the runner. */
export interface RunnerJob {
  readonly id: number;
  readonly projectId: number;
  readonly image: string | undefined;
  readonly services: readonly string[];
  readonly identity: Identity;
  /** Its ID token, if it has one. */
  readonly token: string | undefined;
  /** Where its script runs: DOKKU_RUN. */
  readonly place: string | undefined;
  readonly variables: readonly JobVariable[];
  readonly steps: readonly JobStep[];
}

/** One of the scripts of a job: `script`, `after_script`. */
export interface JobStep {
  readonly name: string;
  /** Its commands. */
  readonly lines: readonly string[];
  /** Seconds that it may take. */
  readonly timeout: number;
}

const defaultTimeout = 3_600;

/** Reads the job of a driver's call. Throws `usage` if it is not called by a runner. */
export async function readRunnerJob(env: Readonly<Record<string, string | undefined>>): Promise<RunnerJob> {
  const path = env.JOB_RESPONSE_FILE;
  if (path === undefined) throw notCalledError('JOB_RESPONSE_FILE is not set');
  const text = await readLimitedFile(path).catch((error: Error) => {
    throw notCalledError(`JOB_RESPONSE_FILE cannot be read: ${error.message}`);
  });
  const read = responseSchema.safeParse(parseJson(text.toString('utf8')));
  if (!read.success) throw notCalledError('JOB_RESPONSE_FILE is not a job');
  const { id, job_info: info, git_info: git, image, services, variables, steps } = read.data;
  const find = (name: string) => variables?.findLast(({ key }) => key === name)?.value;
  return {
    id,
    projectId: info.project_id,
    image: image?.name || undefined,
    services: services?.map(({ name }) => name) ?? [],
    token: find('DOKKU_GATE_TOKEN') || undefined,
    place: find('DOKKU_RUN') || undefined,
    variables: variables ?? [],
    steps: (steps ?? []).map(({ name, script, timeout }) => ({
      name,
      lines: script ?? [],
      timeout: timeout || defaultTimeout,
    })),
    identity: {
      projectId: String(info.project_id),
      projectPath: info.project_full_path ?? `project ${info.project_id}`,
      ref: git.ref,
      // A merge request's ref is refs/merge-requests/…: only a token tells its branch.
      refKind: git.ref.startsWith('refs/') ? 'merge request' : git.ref_type === 'tag' ? 'tag' : 'branch',
      isProtected: git.protected === true,
      environment: undefined,
      job: String(id),
      user: undefined,
    },
  };
}

function notCalledError(message: string): DeployError {
  return new DeployError('usage', {
    message: `${message}: this command is a driver for GitLab Runner’s custom executor.`,
    remedy: 'See docs/custom-executor.md.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns who the job is. Its environment counts only if its ID token states it: the job itself writes `environment:` and all variables.
 * Throws `configuration` for a token that is not the job's, and the stop error if the job is cancelled while GitLab is asked for its keys.
 */
export async function identifyJob(
  job: RunnerJob,
  verifier: TokenVerifier | undefined,
  stop: AbortSignal,
): Promise<Identity> {
  if (job.token === undefined || !verifier) return job.identity;
  const verifying = verifier.verify(job.token, `job ${job.id}`).catch((error: Error) => {
    throw tokenError(error.message);
  });
  const { identity } = await raceWithStop(verifying, { stop, sleepThroughStop: async () => {} }, 0);
  const isOwn = identity.projectId === String(job.projectId) && identity.job === String(job.id);
  if (!isOwn) throw tokenError('it is the token of another job');
  return identity;
}

function tokenError(reason: string): DeployError {
  return new DeployError('configuration', {
    message: `DOKKU_GATE_TOKEN is not accepted: ${reason}.`,
    remedy:
      'Write it as id_tokens: {DOKKU_GATE_TOKEN: {aud: dokku-deploy}}, with the audience of the policy.',
  });
}
