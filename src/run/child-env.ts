import type { ChildEnv } from '../source/process.ts';
import type { World } from '../world.ts';

/** Picks the variables that a child process gets. */
export function pickChildEnv({ env }: Pick<World, 'env'>): ChildEnv {
  return { PATH: env.PATH, HOME: env.HOME };
}
