import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostAddress } from '../access/access-types.ts';
import type { Channel, Host } from '../ssh/host.ts';
import { hookSshWord } from './detect.ts';
import { type Frame, formatFrame, readHeader } from './hook-protocol.ts';
import { readSshArguments } from './ssh-arguments.ts';

export interface HookServerOptions {
  readonly host: Host;
  readonly address: HostAddress;
  /** The words that start this program. */
  readonly program: readonly string[];
}

/** A folder with a program `ssh` that reaches the host through this process, until it is disposed. */
export interface HookServer extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Gives hooks access to the host without its key: the program `ssh` in the folder sends its arguments and its input over a socket, and
 * prints what the host answers. Only the job's own user can open the folder.
 */
export async function startHookServer(options: HookServerOptions): Promise<HookServer> {
  const folder = await mkdtemp(join(tmpdir(), 'dokku-hooks-'));
  const socket = join(folder, 'host.sock');
  const server = createServer({ allowHalfOpen: true }, (client) => {
    serve(client, options).catch(() => client.destroy());
  });
  server.listen(socket);
  await once(server, 'listening');
  await chmod(socket, 0o600);
  await writeFile(join(folder, 'ssh'), formatProgram([...options.program, hookSshWord, socket]), {
    mode: 0o700,
  });
  return { folder, [Symbol.asyncDispose]: () => close(server, folder) };
}

async function serve(client: Socket, { host, address }: HookServerOptions): Promise<void> {
  client.on('error', () => {});
  const send = async (frame: Frame): Promise<void> => {
    if (!client.writableEnded && !client.destroyed && !client.write(formatFrame(frame)))
      await Promise.race([once(client, 'drain'), once(client, 'close')]);
  };
  try {
    const { args, rest } = await readHeader(client);
    const request = readSshArguments(args);
    const refused = 'refused' in request ? request.refused : refuseOther(request, address);
    if ('refused' in request || refused !== undefined) await refuse(send, refused ?? '');
    else await relay(await host.open(request.line), { client, rest, send });
  } catch (error) {
    await refuse(send, (error as Error).message);
  }
  client.end();
}

function refuseOther(
  { host, port }: { readonly host: string; readonly port: number | undefined },
  address: HostAddress,
): string | undefined {
  const isSame = host.toLowerCase() === address.host.toLowerCase() && (port ?? address.port) === address.port;
  return isSame ? undefined : `a hook reaches only the host of the job, ${address.host}:${address.port}`;
}

async function refuse(send: (frame: Frame) => Promise<void>, reason: string): Promise<void> {
  await send({ err: `ssh: ${reason}\n` });
  await send({ exit: 255 });
}

interface Relay {
  readonly client: Socket;
  /** The beginning of the input. */
  readonly rest: Buffer;
  readonly send: (frame: Frame) => Promise<void>;
}

async function relay(channel: Channel, { client, rest, send }: Relay): Promise<void> {
  if (rest.length > 0) channel.input.write(rest);
  // Unlike a pipeline, this leaves the connection open if the host ends before it has read everything.
  client.pipe(channel.input);
  client.once('close', () => channel.input.end());
  await Promise.all([
    forEach(channel.output, (chunk) => send({ out: chunk.toString('base64') })),
    forEach(channel.stderr, (line) => send({ err: `${line}\n` })),
  ]);
  await send({ exit: (await channel.exitCode) ?? 255 });
}

async function forEach<Item>(items: AsyncIterable<Item>, use: (item: Item) => Promise<void>): Promise<void> {
  for await (const item of items) await use(item);
}

function formatProgram(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`;
}

async function close(server: Server, folder: string): Promise<void> {
  server.close();
  await rm(folder, { recursive: true, force: true });
}
