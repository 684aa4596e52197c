import { DeployError } from '../errors.ts';
import type { OutputStream, World } from '../world.ts';
import { parseArguments } from './arguments.ts';
import { formatError } from './format-error.ts';

/**
 * Runs the program once: parses the arguments, runs the command and returns the exit code. Prints an expected failure
 * without its stack. Anything else that is thrown is a bug and is not caught here.
 */
export async function run(world: World): Promise<number> {
  const parsed = parseArguments(world.argv, { out: writer(world.stdout), err: writer(world.stderr) });
  if (parsed.kind === 'answered') return parsed.exitCode;
  try {
    return await parsed.entry.run(world, parsed.args);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    world.stderr.write(`${formatError(error)}\n`);
    return error.exitCode;
  }
}

function writer(stream: OutputStream) {
  return (text: string) => {
    stream.write(text);
  };
}
