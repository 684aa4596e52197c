import { resolve } from 'node:path';
import { runGate } from '../gate/gate.ts';
import type { World } from '../world.ts';
import type { CommandArguments } from './command.ts';
import { requireFlag } from './required-flag.ts';

/** Runs the gate until the stop signal. Throws `usage` and `configuration`. */
export async function gateCommand(world: World, { flags }: CommandArguments): Promise<number> {
  await runGate(resolve(world.cwd, requireFlag('policy', flags.policy)), world);
  return 0;
}
