import ssh2, { type Client } from 'ssh2';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** How a command over SSH ended. */
export interface SshResult {
  /** 255 if the command was not accepted, like OpenSSH; -1 if the host sent none. */
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Logs in to a sandbox, by default with its own key. */
export const connectTo = (
  { port, privateKey }: Pick<Sandbox, 'port' | 'privateKey'>,
  key = privateKey,
): Promise<Client> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.once('ready', () => {
      client.setNoDelay(true);
      resolve(client);
    });
    client.once('error', reject);
    client.connect({ host: '127.0.0.1', port, username: 'dokku', privateKey: key, readyTimeout: 60_000 });
  });

/** Runs a command line with this standard input. */
export const runOver = (client: Client, line: string, stdin: string | Uint8Array = ''): Promise<SshResult> =>
  new Promise((resolve) => {
    const lost = (): void => resolve({ exit: 255, stdout: '', stderr: 'The connection was closed.' });
    client.setMaxListeners(0).once('close', lost);
    client.exec(line, (error, channel) => {
      if (error) return resolve({ exit: 255, stdout: '', stderr: error.message });
      const answer = { exit: -1, stdout: '', stderr: '' };
      channel.on('data', (chunk: Buffer) => {
        answer.stdout += String(chunk);
      });
      channel.stderr.on('data', (chunk: Buffer) => {
        answer.stderr += String(chunk);
      });
      channel.on('exit', (code: number) => {
        answer.exit = code;
      });
      channel.once('close', () => {
        client.off('close', lost);
        resolve(answer);
      });
      return channel.end(stdin);
    });
  });

/** Returns the public half of a private key, in OpenSSH's format. */
export const publicKeyOf = (privateKey: string): string => {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
};
