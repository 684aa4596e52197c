import { type DropInKind, detectDropIn } from '../drop-in/detect.ts';
import { DeployError } from '../errors.ts';
import type { OutputStream, World } from '../world.ts';
import { parseArguments } from './arguments.ts';
import { formatError } from './format-error.ts';

/**
 * Runs the program once: parses the arguments, runs the command and returns the exit code. Prints an expected failure
 * without its stack. Anything else that is thrown is a bug and is not caught here.
 */
export async function run(world: World): Promise<number> {
  try {
    const dropIn = detectDropIn(world);
    return await (dropIn === undefined ? runArguments(world) : runDropIn(dropIn, world));
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    world.stderr.write(`${formatError(error)}\n`);
    return error.exitCode;
  }
}

async function runArguments(world: World): Promise<number> {
  const parsed = parseArguments(world.argv, { out: writer(world.stdout), err: writer(world.stderr) });
  return parsed.kind === 'answered' ? parsed.exitCode : await parsed.entry.run(world, parsed.args);
}

function writer(stream: OutputStream) {
  return (text: string) => {
    stream.write(text);
  };
}

/** Runs what belongs to a job that was written for dokku/ci-docker-image. */
async function runDropIn(kind: DropInKind, world: World): Promise<number> {
  if (kind === 'hook-ssh') return (await import('../drop-in/hook-ssh.ts')).runHookSsh(world);
  if (kind === 'unlock') return (await import('../drop-in/run-unlock.ts')).runUnlock(world);
  const { runOfficialJob } = await import('../drop-in/run-job.ts');
  return runOfficialJob(world, runArguments);
}
