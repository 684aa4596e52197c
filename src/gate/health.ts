import { once } from 'node:events';
import { connect } from 'node:net';
import { DeployError } from '../errors.ts';
import type { ListenAddress } from './policy.ts';
import { serverName } from './server.ts';

/** Milliseconds that a gate has to present itself. */
const answerTime = 5_000;

/** Connects to a gate on this machine and reads how it presents itself. Throws `host-not-reached` if it does not. */
export async function checkHealth(address: ListenAddress): Promise<void> {
  const socket = connect('path' in address ? address : { ...address, host: toLocalHost(address.host) });
  try {
    const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(answerTime) })) as [Buffer];
    if (!data.toString('latin1').startsWith(`SSH-2.0-${serverName}\r\n`))
      throw new Error('another program listens there');
  } catch (error) {
    throw new DeployError('host-not-reached', {
      message: `The gate does not answer: ${(error as Error).message}`,
      remedy: 'Look at its log.',
      cause: error,
    });
  } finally {
    socket.destroy();
  }
}

/** The address of all interfaces is none to connect to. */
function toLocalHost(host: string): string {
  return (
    new Map([
      ['0.0.0.0', '127.0.0.1'],
      ['::', '::1'],
    ]).get(host) ?? host
  );
}
