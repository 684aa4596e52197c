import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The ports to choose from. They are below those that Linux uses for outgoing connections and for programs that ask for any port
 * (net.ipv4.ip_local_port_range), so that nothing else takes one before the program that it is for listens.
 */
const range = { first: 20_000, end: 32_000 } as const;

const maxAttempts = 1_000;

/**
 * Returns a TCP port that is free on all interfaces. No other call returns it in the next minute, in this process or in another one on
 * this machine.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const port = randomInt(range.first, range.end);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`found no free port in ${maxAttempts} attempts`);
}

/** How long a program has to listen on its port, in milliseconds. */
const reservationTime = 60_000;

/** Reserves a port by taking the UDP port of the same number, which no program needs. Returns false if another call has it. */
function reserve(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref();
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      void sleep(reservationTime, undefined, { ref: false }).then(() => socket.close());
      resolve(true);
    });
  });
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
