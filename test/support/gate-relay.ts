import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A port in front of a gate, which stays the same while one gate is replaced by another. */
export interface GateRelay extends AsyncDisposable {
  readonly port: number;
  /** Connects to the gate at this port from now on. */
  readonly use: (port: number) => void;
  /** Cuts all connections, and takes no new ones: the gate was killed. */
  readonly cut: () => void;
}

/** Starts a relay to the gate at this port. */
export const aGateRelay = async (first: number): Promise<GateRelay> => {
  let target: number | undefined = first;
  const sockets = new Set<Socket>();
  const server = createServer((job) => {
    if (target === undefined) return void job.destroy();
    const gate = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [job, gate],
      [gate, job],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const cut = (): void => {
    target = undefined;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    use: (port) => {
      target = port;
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
    },
  };
};
