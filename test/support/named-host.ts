import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

const typeA = 1;

/** Encodes the answer to a DNS query: this address for type A, and nothing for other types (RFC 1035). */
const encodeDnsAnswer = (question: Buffer, address: string): Buffer => {
  const end = question.indexOf(0, 12) + 5;
  const isA = question.readUInt16BE(end - 4) === typeA;
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isA ? 1 : 0, 6);
  head.fill(0, 8);
  const bytes = address.split('.').map(Number);
  const record = Buffer.from([0xc0, 0x0c, 0, typeA, 0, 1, 0, 0, 0, 60, 0, 4, ...bytes]);
  return Buffer.concat([head, question.subarray(12, end), ...(isA ? [record] : [])]);
};

const startNames = async (address: string): Promise<AsyncDisposable> => {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) =>
    socket.send(encodeDnsAnswer(question, address), from.port, from.address),
  );
  socket.bind(53, address);
  await once(socket, 'listening');
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())) };
};

const startForward = async (address: string, to: () => number): Promise<Server> => {
  const server = createServer((near) => {
    const far = connect(to(), '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
    }
  });
  server.listen(22, address);
  await once(server, 'listening');
  return server;
};

/** A host that any name resolves to, on port 22, for clients of the name server at `address`. */
export interface NamedHost extends AsyncDisposable {
  readonly address: string;
}

/** A loopback address that no other run on this machine uses. */
const ownAddress = (): string => `127.22.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;

/** Starts one on a loopback address that forwards connections to a local port. Needs root. */
export const aNamedHost = async (to: () => number): Promise<NamedHost> => {
  const address = ownAddress();
  const names = await startNames(address);
  const forward = await startForward(address, to);
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      await names[Symbol.asyncDispose]();
      await new Promise((resolve) => forward.close(resolve));
    },
  };
};
