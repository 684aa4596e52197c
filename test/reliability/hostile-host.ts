import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { generateKeyPair } from '../../src/access/generate-key.ts';

/** An answer to a command: it may write what it likes, for as long as it likes. */
export type Behaviour = (channel: ServerChannel, connection: Connection) => void;

/** A host that answers as an empty Dokku host does, except to the commands that have a behaviour of their own. */
export interface HostileHost extends AsyncDisposable {
  /** The variables that a client needs. */
  readonly env: Readonly<Record<'DOKKU_HOST' | 'SSH_PRIVATE_KEY' | 'SSH_KNOWN_HOSTS', string>>;
  /** Resolves at the first command. */
  readonly asked: Promise<void>;
}

/** Starts the host. `behaviours`: what it does with a command, by the command's first word. */
export async function startHostileHost(behaviours: ReadonlyMap<string, Behaviour>): Promise<HostileHost> {
  const hostKey = generateKeyPair();
  const login = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const usual = createUsualAnswers();
  const connections = new Set<Connection>();
  const asked = Promise.withResolvers<void>();
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => {});
    connection.on('authentication', (attempt) =>
      attempt.method === 'publickey' ? attempt.accept() : attempt.reject(['publickey']),
    );
    connection.on('ready', () =>
      connection.on('session', (accept) =>
        accept().on('exec', (acceptCommand, _, { command }) => {
          const channel = acceptCommand();
          asked.resolve();
          for (const stream of [channel, channel.stderr]) stream.on('error', () => {});
          const word = firstWord(command);
          (behaviours.get(word) ?? usual.get(word) ?? end(0))(channel, connection);
        }),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      DOKKU_HOST: `dokku@127.0.0.1:${port}`,
      SSH_PRIVATE_KEY: login,
      SSH_KNOWN_HOSTS: `[127.0.0.1]:${port} ${hostKey.public.trim()}`,
    },
    asked: asked.promise,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.end();
      server.close();
    },
  };
}

function firstWord(command: string): string {
  return command.split(' ').find((word) => !word.startsWith('--')) ?? '';
}

/** Ends a command with an exit code and a text. */
export function end(exit: number, stdout = '', stderr = ''): Behaviour {
  return (channel) => {
    channel.on('data', () => {});
    channel.write(stdout);
    channel.stderr.write(stderr);
    channel.exit(exit);
    channel.end();
  };
}

/** Writes bytes, and ends a command with success. */
export function write(bytes: Buffer): Behaviour {
  return (channel) => {
    channel.write(bytes);
    channel.exit(0);
    channel.end();
  };
}

/** Writes a chunk again and again, as fast as it is read; `bytes`: how much at the most, and `next`: what follows it. */
export function flood(
  chunk: Buffer,
  {
    stream = 'stdout',
    bytes = Number.POSITIVE_INFINITY,
    next = end(0),
  }: { stream?: 'stdout' | 'stderr'; bytes?: number; next?: Behaviour } = {},
): Behaviour {
  return (channel, connection) => {
    const target = stream === 'stdout' ? channel : channel.stderr;
    let left = bytes;
    const send = (): void => {
      while (left > 0 && !channel.destroyed) {
        left -= chunk.length;
        if (!target.write(chunk)) {
          target.once('drain', send);
          return;
        }
      }
      if (left <= 0) next(channel, connection);
    };
    channel.on('data', () => {});
    send();
  };
}

/** A build that prints this many bytes and succeeds, for `receivePack`. */
export function longBuild(bytes: number): Behaviour {
  const lines = 'a line of a build that prints a lot\n'.repeat(1_500);
  return flood(band(2, lines), { bytes, next: write(goodAnswer) });
}

/** A packet of git's protocol. */
export function packet(text: string | Buffer): Buffer {
  const data = Buffer.from(text);
  return Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, '0')), data]);
}

/** A packet of one of the bands that git's answer to a push comes in: 1 the report, 2 the hooks' output. */
export function band(number: number, text: string | Buffer): Buffer {
  return packet(Buffer.concat([Buffer.from([number]), Buffer.from(text)]));
}

const flush = Buffer.from('0000');
const zeroId = '0'.repeat(40);

/** What receive-pack of an empty repository says first. */
export const advertisement = Buffer.concat([
  packet(`${zeroId} capabilities^{}\0report-status delete-refs side-band-64k ofs-delta agent=git/2.39\n`),
  flush,
]);

const report = Buffer.concat([packet('unpack ok\n'), packet('ok refs/heads/master\n'), flush]);

/** A good deploy's answer to a push. */
export const goodAnswer = Buffer.concat([
  band(2, '-----> Building shop\n'),
  band(2, '=====> Application deployed:\n       http://shop.invalid\n'),
  band(1, report),
  flush,
]);

/** Takes a push, and then behaves as given. */
export function receivePack(answer: Behaviour): Behaviour {
  return (channel, connection) => {
    channel.write(advertisement);
    channel.on('data', () => {});
    channel.once('end', () => answer(channel, connection));
  };
}

/** An empty host's answers. It keeps the configuration of its one app, which a run writes and reads again. */
function createUsualAnswers(): ReadonlyMap<string, Behaviour> {
  let config: string | undefined;
  return new Map<string, Behaviour>([
    [
      'config:export',
      (channel, connection) =>
        (config === undefined ? end(20, '', ' !     App fix does not exist\n') : end(0, config))(
          channel,
          connection,
        ),
    ],
    [
      'config:import',
      (channel) => {
        const chunks: Buffer[] = [];
        channel.on('data', (chunk: Buffer) => chunks.push(chunk));
        channel.on('end', () => {
          const written = JSON.parse(Buffer.concat(chunks).toString() || '{}') as object;
          config = JSON.stringify({ ...JSON.parse(config ?? '{}'), ...written });
          channel.exit(0);
          channel.end();
        });
      },
    ],
    ['git:report', end(0, '  Git deploy branch: master\n')],
    ['apps:exists', end(20, '', ' !     App fix does not exist\n')],
    ['apps:locked', end(1)],
    ['ps:report', end(0, 'false\n')],
    [
      'git-receive-pack',
      receivePack((channel) => {
        channel.write(goodAnswer);
        channel.exit(0);
        channel.end();
      }),
    ],
  ]);
}
