import type { ChildEnv } from '../source/process.ts';
import type { World } from '../world.ts';

/** Picks the variables that a child process gets. */
export function pickChildEnv({ env }: Pick<World, 'env'>): ChildEnv {
  return { PATH: env.PATH, HOME: env.HOME };
}

/** Whether HTTP requests of this process go through a proxy: Node reads the usual variables only if NODE_USE_ENV_PROXY is set. */
export function usesProxy({ env }: Pick<World, 'env'>): boolean {
  const proxies = [env.HTTP_PROXY, env.http_proxy, env.HTTPS_PROXY, env.https_proxy];
  return env.NODE_USE_ENV_PROXY === '1' && proxies.some((proxy) => proxy !== undefined && proxy !== '');
}
