import type { Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import type { DatabaseSpec } from './database.ts';
import {
  askPassword,
  decode,
  encode,
  fatal,
  type Message,
  rename,
  startupParameters,
  welcome,
} from './protocol.ts';

/** The only session of an embedded Postgres, which its clients take in turn. */
export interface SharedSession {
  /** Runs `work` while no client has a statement or transaction open. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  /** Takes the session. Resolves with a function that releases it. */
  readonly take: () => Promise<() => void>;
  readonly db: () => PGlite;
}

/** Creates the queue for a session. */
export function createSharedSession(db: () => PGlite): SharedSession {
  let last: Promise<void> = Promise.resolve();
  const take = async (): Promise<() => void> => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return resolve;
  };
  return {
    take,
    db,
    exclusive: async (work) => {
      const release = await take();
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}

interface Client {
  readonly socket: Socket;
  readonly session: SharedSession;
  /** The server's parameters, which a client gets when it logs in. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly spec: Pick<DatabaseSpec, 'user' | 'password' | 'database'>;
}

let clients = 0;

const sslRequest = 80_877_103;
const gssRequest = 80_877_104;

/** Serves one client on its socket until it disconnects. */
export function serveClient(client: Client): void {
  const { socket } = client;
  const runner = batchRunner(client);
  let work: Promise<void> = Promise.resolve();
  let bytes: Buffer = Buffer.alloc(0);
  let startup: ReadonlyMap<string, string> | undefined;
  let prefix: string | undefined;
  let batch: Message[] = [];

  const start = (): void => {
    for (let first = readStartup(bytes); first && !startup; first = readStartup(bytes)) {
      bytes = first.rest;
      if (first.code === sslRequest || first.code === gssRequest) socket.write('N');
      else if (first.code >> 16 !== 3) return void socket.destroy();
      else {
        startup = startupParameters(first.body);
        socket.write(askPassword);
      }
    }
  };
  const receive = (message: Message): void => {
    if (prefix === undefined) {
      if (admit(client, startup ?? new Map(), message)) prefix = `client${clients}_`;
      return;
    }
    if (message.type === 'X') return void socket.end();
    batch.push(rename(message, prefix));
    // A client waits for an answer after a simple query, a Sync, a Flush, and the end of a COPY.
    if (!'QSHcf'.includes(message.type)) return;
    const whole = batch;
    batch = [];
    work = work.then(() => runner.run(whole)).catch(() => void socket.destroy());
  };
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!startup) start();
    if (!startup) return;
    const { messages, rest } = decode(bytes);
    bytes = rest;
    for (const message of messages) receive(message);
  });
  socket.on('error', () => {});
  socket.once('close', () => void work.then(runner.leave));
}

/** Returns a function that runs batches in turn and keeps the session while a transaction is open. */
function batchRunner(client: Client) {
  let release: (() => void) | undefined;
  const run = async (batch: readonly Message[]): Promise<void> => {
    release ??= await client.session.take();
    const state = await runBatch(batch, client);
    // Undefined: the client has not finished this exchange.
    if (state !== 'I') return;
    release();
    release = undefined;
  };
  const leave = async (): Promise<void> => {
    if (!release) return;
    await client.session
      .db()
      .exec('ROLLBACK')
      .catch(() => undefined);
    release();
    release = undefined;
  };
  return { run, leave };
}

/** Runs a batch of a client's messages. Returns the last transaction state that the server reported. */
async function runBatch(batch: readonly Message[], { socket, session }: Client): Promise<string | undefined> {
  let state: string | undefined;
  let failed = false;
  for (const message of batch) {
    // After an error the server skips everything up to the Sync.
    if (failed && message.type !== 'S') continue;
    const answer = Buffer.from(await session.db().execProtocolRaw(encode(message)));
    if (socket.writable) socket.write(answer);
    for (const { type, body } of decode(answer).messages) {
      if (type === 'E') failed = true;
      if (type === 'Z') state = body.toString('latin1');
    }
  }
  return state;
}

/** Reads the first packet, which has no type: a request for TLS (declined), or a login. */
function readStartup(
  bytes: Buffer,
): { readonly code: number; readonly body: Buffer; readonly rest: Buffer } | undefined {
  if (bytes.length < 8 || bytes.length < bytes.readInt32BE(0)) return undefined;
  const length = bytes.readInt32BE(0);
  return { code: bytes.readInt32BE(4), body: bytes.subarray(4, length), rest: bytes.subarray(length) };
}

/** Checks a client's login and answers it. Returns whether it is accepted. */
function admit(client: Client, startup: ReadonlyMap<string, string>, password: Message): boolean {
  const user = startup.get('user') ?? '';
  const typed = password.body.toString('utf8').replace(/\0$/, '');
  const problem = refusal(client.spec, { user, database: startup.get('database') ?? user, password: typed });
  clients += 1;
  client.socket.write(problem ?? welcome(client.parameters, clients));
  if (problem) client.socket.end();
  return problem === undefined;
}

function refusal(
  spec: Client['spec'],
  { user, database, password }: { user: string; database: string; password: string },
): Buffer | undefined {
  if (user !== spec.user || password !== spec.password) {
    return fatal('28P01', `password authentication failed for user "${user}"`);
  }
  if (database === spec.database || database === 'postgres') return undefined;
  return fatal('3D000', `database "${database}" does not exist`);
}
