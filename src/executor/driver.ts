import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { DeployError } from '../errors.ts';
import { defaultAudience } from '../gate/gate.ts';
import { findGrants } from '../gate/grants.ts';
import type { Policy } from '../gate/policy.ts';
import { createTokenVerifier, type TokenVerifier } from '../gate/tokens.ts';
import { version } from '../version.ts';
import { type Account, findAccount } from './account.ts';
import { isClaimed } from './claims.ts';
import { notAllowedError, stopInside } from './inside.ts';
import { identifyJob, type RunnerJob, readRunnerJob } from './job.ts';
import { endProcesses, findProcesses, type Kill } from './processes.ts';
import {
  createJobFolders,
  findOtherFolders,
  isPrepared,
  type JobFolders,
  jobFolders,
  removeJobFolders,
} from './state.ts';
import { findTimers } from './timers.ts';

/** A call of the driver by the runner. */
export interface DriverCall {
  readonly policy: Policy;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly kill: Kill;
  /** Aborted by SIGTERM: the job was cancelled. */
  readonly stop: AbortSignal;
}

/** A job with what the policy says about its machine. */
export interface DriverJob {
  readonly job: RunnerJob;
  readonly account: Account;
  readonly folders: JobFolders;
  readonly path: string;
  readonly verifier: TokenVerifier | undefined;
}

/** Milliseconds that the processes of a job have to end after SIGTERM: the runner gives ten seconds to a driver. */
export const endPatience = 8_000;

/** Returns the job of a call. Throws `usage` and `configuration`. */
export async function readDriverJob({ policy, env, now }: DriverCall): Promise<DriverJob> {
  const { executor, gitlab } = policy;
  if (!executor) {
    throw new DeployError('configuration', {
      message: `${policy.path}: the policy has no executor.`,
      remedy: 'Add executor: {run_as: USER}; docs/custom-executor.md describes it.',
    });
  }
  const job = await readRunnerJob(env);
  const account = await findAccount(executor.run_as);
  const verifier =
    gitlab && createTokenVerifier({ url: gitlab.url, audience: gitlab.audience ?? defaultAudience, now });
  return {
    job,
    account,
    folders: jobFolders(executor.state ?? '/run/dokku-deploy', job.id),
    path: executor.path ?? '/usr/local/bin:/usr/bin:/bin',
    verifier,
  };
}

/** Returns what the runner has to know about a job, as JSON. Throws `configuration` for a job that this driver cannot run as it asks for. */
export async function configure(call: DriverCall): Promise<string> {
  const { job, folders } = await readDriverJob(call);
  const isKnown = call.policy.projects.some(({ id }) => id === job.projectId);
  if (!isKnown) throw refusedJob(`the policy does not name a project with the id ${job.projectId}`);
  checkPlace(job, call.policy);
  if (job.services.length > 0) throw refusedJob('services: are not possible here');
  return JSON.stringify({
    driver: { name: 'dokku-deploy', version },
    builds_dir: join(folders.own, 'builds'),
    cache_dir: join(folders.own, 'cache'),
    builds_dir_is_shared: false,
    hostname: hostname(),
    shell: 'bash',
  });
}

/** Checks where the script is to run: an image is possible only if it is the one of the review app that the script runs in. */
function checkPlace({ place, image, identity }: RunnerJob, policy: Policy): void {
  if (place !== undefined && place !== 'inside') throw refusedJob(`DOKKU_RUN is ${place}, and not inside`);
  const { apps, refusals } = findGrants(policy, identity);
  const inside = [...apps.values()].filter(({ runsScripts }) => runsScripts);
  // A merge request's job gets its rights by its token, which is read later.
  if (place === 'inside' && inside.length === 0 && identity.refKind !== 'merge request')
    throw notAllowedError(refusals);
  if (image === undefined) return;
  if (place === undefined)
    throw refusedJob(`image: ${image} is not possible here, because scripts run on this machine itself`);
  if (inside.some(({ app }) => [`dokku/${app}`, `dokku/${app}:latest`].includes(image))) return;
  throw refusedJob(
    `image: ${image} is not possible here, because the script runs in the image of the review app`,
  );
}

function refusedJob(reason: string): DeployError {
  return new DeployError('configuration', {
    message: `This runner does not take the job: ${reason}.`,
    remedy: 'Use tags of another runner, or ask its operator.',
  });
}

/**
 * Makes the folders of a job, and ends what an earlier try left. Throws `configuration` for a token that is not the job's, and while
 * another job runs as the same user, or an earlier one has left something that cron or at will start.
 */
export async function prepare(call: DriverCall): Promise<void> {
  const driven = await readDriverJob(call);
  const { job, account, folders, verifier } = driven;
  await endJob(driven, call);
  await identifyJob(job, verifier, call.stop);
  await endLeftJobs(driven, call);
  const others = await findProcesses(account.uid);
  if (others.length > 0) throw otherJobError(account, `processes ${others.slice(0, 5).join(', ')}`);
  const timers = await findTimers(account);
  if (timers.length > 0) {
    throw new DeployError('configuration', {
      message: `${account.name} has programs started later (${timers.slice(0, 5).join(', ')}): they could use the rights of this job.`,
      remedy: `Remove them, and add ${account.name} to /etc/cron.deny and /etc/at.deny.`,
    });
  }
  await createJobFolders(folders, account, call.env.JOB_RESPONSE_FILE ?? '');
}

/** Cleans up after the jobs of the same user that the runner does not have any more: their `cleanup` was killed, or the runner was. */
async function endLeftJobs({ account, folders }: DriverJob, call: DriverCall): Promise<void> {
  for (const other of await findOtherFolders(folders, account)) {
    if (await isClaimed(other.gate)) throw otherJobError(account, basename(other.own));
    await removeJob({ account, folders: other }, call);
  }
}

function otherJobError({ name }: Account, what: string): DeployError {
  return new DeployError('configuration', {
    message: `Another job runs as ${name} (${what}): it could use the rights of this one.`,
    remedy:
      'Set limit = 1 for this runner. More jobs at once need more runners, each with a policy and a user of its own.',
  });
}

/** Ends the processes of a job and removes its folders, even if it was never prepared. */
export async function cleanUp(call: DriverCall): Promise<void> {
  await removeJob(await readDriverJob(call), call);
}

type PreparedJob = Pick<DriverJob, 'account' | 'folders'>;

async function removeJob(job: PreparedJob, call: DriverCall): Promise<void> {
  try {
    await endJob(job, call);
  } finally {
    await removeJobFolders(job.folders);
  }
}

async function endJob({ account, folders }: PreparedJob, { policy, now, kill }: DriverCall): Promise<void> {
  if (await isPrepared(folders)) await endProcesses(account.uid, kill, endPatience);
  await stopInside(policy, folders, now);
}
