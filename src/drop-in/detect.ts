import type { World } from '../world.ts';
import type { Env } from './ci-systems.ts';

/** What a job that was written for dokku/ci-docker-image asks for. */
export type DropInKind = 'job' | 'unlock' | 'hook-ssh';

/** The first argument of this program when it is a hook's `ssh`. */
export const hookSshWord = 'ssh-of-a-hook';

/**
 * Returns what such a job asks for; undefined for any other one. It runs `dokku-deploy` without arguments, or `dokku-unlock`, and
 * is driven by variables.
 */
export function detectDropIn({
  argv,
  env,
  calledAs,
}: Pick<World, 'argv' | 'env' | 'calledAs'>): DropInKind | undefined {
  if (argv[0] === hookSshWord) return 'hook-ssh';
  if (calledAs === 'dokku-unlock') return 'unlock';
  return argv.length === 0 && isOfficialJob(env) ? 'job' : undefined;
}

function isOfficialJob(env: Env): boolean {
  const names = ['GIT_REMOTE_URL', 'PLUGIN_GIT_REMOTE_URL'];
  if (names.some((name) => env[name] !== undefined)) return true;
  return [env.COMMAND, env.PLUGIN_COMMAND].some((value) => value?.startsWith('review-apps:'));
}
