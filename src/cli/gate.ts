import { resolve } from 'node:path';
import { readPolicyAddress, runGate } from '../gate/gate.ts';
import { checkHealth } from '../gate/health.ts';
import { readPolicy } from '../gate/policy.ts';
import type { World } from '../world.ts';
import type { CommandArguments } from './command.ts';
import { requireFlag } from './require-flag.ts';

/** Runs the gate until the stop signal. Throws `usage` and `configuration`. */
export async function gateCommand(world: World, { flags }: CommandArguments): Promise<number> {
  await runGate(resolve(world.cwd, requireFlag('policy', flags.policy)), world);
  return 0;
}

/** Checks that the gate of a policy answers. Throws `usage`, `configuration` and `host-not-reached`. */
export async function gateHealthCommand(world: World, { flags }: CommandArguments): Promise<number> {
  const policy = await readPolicy(resolve(world.cwd, requireFlag('policy', flags.policy)));
  await checkHealth(readPolicyAddress(policy).address);
  return 0;
}
