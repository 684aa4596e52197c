import { DeployError } from '../errors.ts';
import type { OutputStream, World } from '../world.ts';
import { parseArguments } from './arguments.ts';
import { formatError } from './format-error.ts';

/**
 * One invocation of the program: reads the arguments, runs the command, and gives the exit code. Expected failures are
 * shown without a stack; what else is thrown is a bug, and goes through.
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
