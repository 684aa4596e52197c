import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DeployError } from '../errors.ts';
import { cleanUp, configure, type DriverCall, prepare } from '../executor/driver.ts';
import { runStage } from '../executor/run-stage.ts';
import type { ScriptResult } from '../executor/script.ts';
import { readPolicy } from '../gate/policy.ts';
import type { World } from '../world.ts';
import type { CommandArguments } from './command.ts';
import { formatError } from './format-error.ts';
import { requireFlag } from './require-flag.ts';

/** The four calls of GitLab Runner's custom executor. */
export type ExecutorCall = 'config' | 'prepare' | 'run' | 'cleanup';

/**
 * Carries out a call of the runner. Exits with 0, with BUILD_FAILURE_EXIT_CODE if the script failed, and with SYSTEM_FAILURE_EXIT_CODE if
 * the driver did.
 */
export async function executorCommand(
  name: ExecutorCall,
  world: World,
  args: CommandArguments,
): Promise<number> {
  try {
    const policy = await readPolicy(resolve(world.cwd, requireFlag('policy', args.flags.policy)));
    const { env, now, stop, kill = () => {} } = world;
    const call: DriverCall = { policy, env, now, stop, kill };
    if (name === 'config') world.stdout.write(`${await configure(call)}\n`);
    else if (name === 'prepare') await prepare(call);
    else if (name === 'cleanup') await cleanUp(call);
    else {
      const [script = '', stage = ''] = args.positional;
      return await reportScript(await runStage({ call, script, stage, world }), world);
    }
    return 0;
  } catch (error) {
    const text = error instanceof DeployError ? formatError(error) : String((error as Error)?.stack ?? error);
    world.stderr.write(`${text}\n`);
    return readExitCode(world, 'SYSTEM_FAILURE_EXIT_CODE', 2);
  }
}

/** The runner reads the exit code of the script from a file, since the driver's own only says whether the script failed. */
async function reportScript(result: ScriptResult, world: World): Promise<number> {
  if ('failed' in result) {
    world.stderr.write(`dokku-deploy: the script could not be started: ${result.failed}\n`);
    return readExitCode(world, 'SYSTEM_FAILURE_EXIT_CODE', 2);
  }
  if (result.exit === 0) return 0;
  const { BUILD_EXIT_CODE_FILE: file } = world.env;
  if (file !== undefined) await writeFile(file, String(result.exit));
  return readExitCode(world, 'BUILD_FAILURE_EXIT_CODE', 1);
}

/** The runner's own variables: those of the job all begin with CUSTOM_ENV_. */
function readExitCode(
  { env }: World,
  name: 'BUILD_FAILURE_EXIT_CODE' | 'SYSTEM_FAILURE_EXIT_CODE',
  other: number,
): number {
  const text = env[name] ?? '';
  return /^\d{1,3}$/.test(text) ? Number(text) : other;
}
