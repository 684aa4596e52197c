import { createConnection } from 'node:net';
import { splitLines } from '../ssh/lines.ts';
import type { World } from '../world.ts';
import { type Frame, formatHeader } from './hook-protocol.ts';

/** Runs as the `ssh` of a hook: sends its arguments and input to the job's process, and returns the exit code of the host's command. */
export async function runHookSsh({ argv, stdin, stdout, stderr }: World): Promise<number> {
  const [, path = '', ...args] = argv;
  const server = createConnection(path);
  let exit = 255;
  server.on('error', (error) =>
    stderr.write(`ssh: the job that started this hook cannot be reached: ${error.message}\n`),
  );
  server.write(formatHeader(args));
  stdin.pipe(server);
  const ended = Promise.withResolvers<void>();
  server.once('close', () => ended.resolve());
  const { push } = splitLines((text) => {
    const frame = JSON.parse(text) as Frame;
    if ('out' in frame) stdout.write(Buffer.from(frame.out, 'base64'));
    else if ('err' in frame) stderr.write(frame.err);
    else {
      exit = frame.exit;
      stdin.unpipe(server);
      stdin.pause();
      server.destroy();
    }
  }, maxFrameLength);
  server.on('data', push);
  await ended.promise;
  return exit;
}

/** Far more than a part of the output has. */
const maxFrameLength = 64 * 1024 ** 2;
