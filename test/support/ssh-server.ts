import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { anRsaKey } from './access.ts';

export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** The commands that were sent, in order. */
  readonly commands: string[];
  readonly connections: Connection[];
}

/** Starts an SSH server that accepts any key and calls `run` for each command, unless it opens no channels. */
export const anSshServer = async (
  run: (channel: ServerChannel, command: string, connection: Connection) => void,
  { opensChannels = true } = {},
): Promise<SshServer> => {
  const commands: string[] = [];
  const connections: Connection[] = [];
  const server = new ssh2.Server({ hostKeys: [anRsaKey()] }, (connection) => {
    connections.push(connection);
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      if (!opensChannels) return;
      accept().on('exec', (acceptCommand, _, { command }) => {
        const channel = acceptCommand();
        for (const stream of [channel, channel.stderr]) stream.on('error', () => {});
        commands.push(command);
        run(channel, command, connection);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    connections,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.end();
      server.close();
    },
  };
};

/** Ends a command with this exit code and output. */
export const reply = (channel: ServerChannel, exit: number, stdout = '', stderr = ''): void => {
  channel.write(stdout);
  channel.stderr.write(stderr);
  channel.exit(exit);
  channel.end();
};
