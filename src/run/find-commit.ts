import type { Context } from '../context/context.ts';
import { identifyCommit } from '../source/identify-commit.ts';
import { findCommit } from '../source/ship.ts';
import type { World } from '../world.ts';
import { pickChildEnv } from './child-env.ts';

/**
 * Adds the commit to the context: a job without one, or with an incomplete one, fails before it contacts the host.
 *
 * Throws what `findCommit` and `identifyCommit` throw.
 */
export async function withCommit(context: Context, world: Pick<World, 'env'>): Promise<Context> {
  if (!context.ships) return context;
  const find = context.shipment.kind === 'commit' ? findCommit : identifyCommit;
  const { found, warnings, notes } = await find(context.source, pickChildEnv(world));
  return {
    ...context,
    source: { ...context.source, ...found },
    warnings: [...context.warnings, ...warnings],
    notes: [...context.notes, ...notes],
  };
}
