import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and a host on this machine, with a latency. It counts what passes. */
export interface Network extends AsyncDisposable {
  /** Where the client connects to. */
  readonly port: number;
  /** Returns what has passed since the last call. */
  readonly take: () => Traffic;
}

export interface Traffic {
  readonly connections: number;
  /** Bytes to the host and back, including SSH's own. */
  readonly sent: number;
  readonly received: number;
}

/** Starts a network in front of a port. `latency`: the time of a round trip in milliseconds. */
export async function startNetwork(hostPort: number, latency: number): Promise<Network> {
  const traffic = { connections: 0, sent: 0, received: 0 };
  const sockets = new Set<Socket>();
  const delay = latency / 2;
  const server = createServer((client) => {
    const host = connect(hostPort, '127.0.0.1');
    traffic.connections += 1;
    for (const socket of [client, host]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    forward(client, host, delay, (bytes) => {
      traffic.sent += bytes;
    });
    forward(host, client, delay, (bytes) => {
      traffic.received += bytes;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    take: () => {
      const taken = { ...traffic };
      Object.assign(traffic, { connections: 0, sent: 0, received: 0 });
      return taken;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes on everything after a delay in milliseconds. Timers with the same delay fire in their order. */
function forward(from: Socket, to: Socket, delay: number, count: (bytes: number) => void): void {
  const later = (action: () => void): void => {
    if (delay === 0) action();
    else setTimeout(action, delay);
  };
  from.on('data', (chunk) => {
    count(chunk.length);
    later(() => to.write(chunk));
  });
  from.on('end', () => later(() => to.end()));
  from.on('close', () => later(() => to.destroySoon()));
}
