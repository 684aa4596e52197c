import { resolveAccess } from '../access/access.ts';
import type { Access } from '../access/access-types.ts';
import { ask, type HostAccess } from '../apply/ask.ts';
import { appLocked, runningBuilds, unlockApp } from '../dokku/apps.ts';
import { cleanHostOutput } from '../dokku/refusals.ts';
import { hasBuilds } from '../dokku/reports.ts';
import { readJobInput } from '../environment/job-input.ts';
import { DeployError } from '../errors.ts';
import { configurationError, type Problem } from '../problems.ts';
import { sleepUntilStop } from '../run/run-context.ts';
import { createSshHost } from '../ssh/ssh-host.ts';
import type { World } from '../world.ts';
import { readOfficialVariables } from './official-variables.ts';
import { accessVariables, type Remote, readRemote } from './remote.ts';

/**
 * Runs `dokku-unlock` of the official image: removes the deploy lock of the app, but only one that a deploy which died has left.
 * Returns the exit code.
 *
 * Throws `configuration`, `busy` if a deploy is running or may be, `host-refused`, and what `ask` throws.
 */
export async function runUnlock(world: World): Promise<number> {
  const { remote, access } = await readAccess(world);
  const warn = (message: string) => void world.stderr.write(`Warning: ${message}\n`);
  await using host = createSshHost({ access, warn });
  const sleep = (milliseconds: number) => sleepUntilStop(milliseconds, world.stop);
  const { now, stop } = world;
  const hostAccess = { host, vault: new Map(), now, stop, sleep, sleepThroughStop: sleep };
  world.stderr.write(`${await unlock(remote, hostAccess)}\n`);
  return 0;
}

async function readAccess(world: World): Promise<{ readonly remote: Remote; readonly access: Access }> {
  const values = readOfficialVariables(world.env);
  const problems: Problem[] = [];
  const remote = readRemote(world.env, values, problems);
  if (!remote || problems.length > 0) throw configurationError(problems);
  const env = { ...world.env, ...accessVariables(world.env, values, remote) };
  const jobInput = await readJobInput({ ...world, env });
  const access = await resolveAccess(jobInput, { where: 'GIT_REMOTE_URL', text: remote.host }, problems);
  if (!access || problems.length > 0) throw configurationError(problems);
  return { remote, access };
}

/** Returns what became of the lock, as a sentence. */
async function unlock({ app, sshRemote }: Remote, hostAccess: HostAccess): Promise<string> {
  const lock = await ask(appLocked(app), hostAccess);
  if (lock.kind === 'refused') {
    // Dokku's own code for a missing app; its words are the same for a missing lock.
    if (lock.exit === 20) throw refusedError(app, lock);
    return `${app} has no deploy lock.`;
  }
  // Asked after the lock was seen: a deploy that takes it is listed by then.
  const builds = await ask(runningBuilds(app), hostAccess);
  const force = `To remove its lock anyway: ssh ${sshRemote} apps:unlock ${app}`;
  if (builds.kind === 'refused') {
    throw new DeployError('busy', {
      message: `${app} has a deploy lock, and this Dokku cannot list its builds: a deploy may be running.`,
      remedy: force,
    });
  }
  if (hasBuilds(builds.stdout)) {
    throw new DeployError('busy', {
      message: `A deploy of ${app} is running, and its lock is not removed: a second deploy could start next to it.`,
      remedy: `Wait for it; deploys wait for one another. To end it: ssh ${sshRemote} builds:cancel ${app}. ${force}`,
    });
  }
  const removed = await ask(unlockApp(app), hostAccess);
  // Another job may have removed it in between.
  if (removed.kind === 'refused' && !/Unable to remove deploy lock/.test(removed.stderr + removed.stdout))
    throw refusedError(app, removed);
  return `The deploy lock of ${app} was left by a deploy that died; it is removed.`;
}

function refusedError(app: string, { stdout, stderr }: { readonly stdout: string; readonly stderr: string }) {
  return new DeployError('host-refused', {
    message: `The host refuses to unlock ${app}.`,
    said: cleanHostOutput(`${stderr}\n${stdout}`),
    remedy: 'Check the app in GIT_REMOTE_URL.',
  });
}
