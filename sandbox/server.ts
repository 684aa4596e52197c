import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthContext, Connection, ParsedKey, Server, ServerChannel, Session } from 'ssh2';
import { type ClientStreams, dispatch } from './dispatch.ts';
import type { Fault, Faults } from './faults.ts';
import { isAppName, nameRule } from './host/answers.ts';
import type { Handler } from './host/handler.ts';
import { makeApp } from './host/make-app.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { Machine } from './machine.ts';

export interface Serving {
  readonly machine: Machine;
  readonly table: ReadonlyMap<string, Handler>;
  readonly journal: Journal;
  readonly faults: Faults;
  /** Private host keys, in OpenSSH's form. */
  readonly hostKeys: readonly string[];
  /** Public keys that may log in. */
  readonly authorized: readonly ParsedKey[];
  /** Milliseconds to hold back each command, for a network far away. */
  readonly latency: number;
  /** Milliseconds that a command takes at least. */
  readonly pace: (line: string) => number;
}

/** Starts the SSH server on loopback and gives its port, and how to stop it. */
export async function startServer(
  serving: Serving,
  port: number,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const { Server: SshServer } = (await import('ssh2')).default;
  const connections = new Set<Connection>();
  const tick = makeTick();
  const server: Server = new SshServer({ hostKeys: [...serving.hostKeys] }, (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    welcome(connection, serving, tick);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.end();
        server.close(() => resolve());
      }),
  };
}

/** The tick orders the journal’s starts and ends without a clock. */
function makeTick(): () => number {
  let tick = 0;
  return () => {
    tick += 1;
    return tick;
  };
}

/** An sshd’s MaxSessions. */
const maxSessions = 10;

function welcome(connection: Connection, serving: Serving, tick: () => number): void {
  let sessions = 0;
  serving.journal.connections += 1;
  connection.on('error', () => {});
  connection.on('authentication', (context) => authenticate(context, serving.authorized));
  connection.on('session', (accept, reject) => {
    if (sessions >= maxSessions) return void reject();
    sessions += 1;
    const session = accept();
    session.once('close', () => {
      sessions -= 1;
    });
    return listen(session, connection, serving, tick);
  });
}

function authenticate(context: AuthContext, authorized: readonly ParsedKey[]): void {
  if (isAuthorized(context, authorized)) context.accept();
  else context.reject(['publickey']);
}

function isAuthorized(context: AuthContext, authorized: readonly ParsedKey[]): boolean {
  if (context.method !== 'publickey' || context.username !== 'dokku') return false;
  const { key, blob, signature, hashAlgo } = context;
  const known = authorized.find((one) => sameKey(one, key.data));
  // Without a signature the client only asks whether the key would do.
  return (
    known !== undefined &&
    (!signature || (blob !== undefined && known.verify(blob, signature, hashAlgo) === true))
  );
}

function sameKey(key: ParsedKey, blob: Buffer): boolean {
  const known = key.getPublicSSH();
  return known.length === blob.length && timingSafeEqual(known, blob);
}

function listen(session: Session, connection: Connection, serving: Serving, tick: () => number): void {
  const { journal, faults } = serving;
  const start = (line: string, accept: () => ServerChannel, reject: (() => void) | undefined): void => {
    const number = journal.commands.length + 1;
    const fault = faults.take(line, number);
    if (fault?.kind === 'refuse') return void reject?.();
    const entry: JournalEntry = { line, number, startedAt: tick(), endedAt: undefined, exit: undefined };
    journal.commands.push(entry);
    perform({ line, entry, fault, channel: accept(), connection }, serving, tick).catch(() =>
      connection.end(),
    );
  };
  session.on('exec', (accept, reject, { command }) => start(command, accept, reject));
  session.on('shell', (accept, reject) => start('help', accept, reject));
  session.on('env', (accept) => accept?.());
  session.on('pty', (accept) => accept?.());
  session.on('subsystem', (_, reject) => reject?.());
}

interface Running {
  readonly line: string;
  readonly entry: JournalEntry;
  readonly fault: Fault | undefined;
  readonly channel: ServerChannel;
  readonly connection: Connection;
}

async function perform(running: Running, serving: Serving, tick: () => number): Promise<void> {
  const { line, entry, fault, channel, connection } = running;
  channel.on('error', () => {});
  if (fault?.kind === 'drop-before') return void connection.end();
  if (fault?.kind === 'stall') return;
  arm(running, serving);
  if (serving.latency > 0) await sleep(serving.latency);
  const paced = sleep(serving.pace(line));
  const exit = fault?.kind === 'answer' ? struck(fault, channel) : await answer(line, serving, channel);
  await paced;
  entry.endedAt = tick();
  entry.exit = exit;
  if (fault?.kind === 'then') fault.call();
  if (fault?.kind === 'drop-after') return void connection.end();
  if (!channel.writable) return;
  channel.exit(exit);
  channel.end();
}

function arm({ fault, channel, connection }: Running, { machine }: Serving): void {
  if (fault?.kind === 'drop-during') whenItSays(channel, fault.at ?? /./, () => connection.end());
  if (fault?.kind === 'kill-build') machine.state.killBuildAt = fault.at;
}

/** Calls once when what the command says matches. */
function whenItSays(channel: ServerChannel, at: RegExp, call: () => void): void {
  let said = false;
  for (const stream of [channel, channel.stderr]) {
    const write = stream.write.bind(stream) as (...words: unknown[]) => boolean;
    stream.write = ((chunk: unknown, ...rest: unknown[]) => {
      const written = write(chunk, ...rest);
      if (!said && at.test(String(chunk))) {
        said = true;
        call();
      }
      return written;
    }) as typeof stream.write;
  }
}

function struck(fault: Fault & { kind: 'answer' }, channel: ServerChannel): number {
  channel.write(fault.stdout ?? '');
  channel.stderr.write(fault.stderr ?? '');
  return fault.exit;
}

async function answer(line: string, serving: Serving, channel: ServerChannel): Promise<number> {
  const git = await serveGit(line, serving, channel);
  if (git !== undefined) return git;
  return dispatch(line, { host: serving.machine, table: serving.table, streams: streamsOf(channel) });
}

const gitCommand = /^git[- ](receive-pack|upload-pack) '?([^' ]*)'?$/;

/** A git client's command: the app is made when it is missing, whatever the client wants of it. */
async function serveGit(
  line: string,
  { machine }: Serving,
  channel: ServerChannel,
): Promise<number | undefined> {
  const [, program, path = ''] = gitCommand.exec(line) ?? [];
  if (program !== 'receive-pack' && program !== 'upload-pack') return undefined;
  const name = path.replace(/^\//, '').replace(/\.git$/, '');
  if (!isAppName(name)) {
    channel.stderr.write(` !     ${nameRule}\n`);
    return 128;
  }
  if (!machine.state.apps.has(name) && !machine.state.autocreation) {
    channel.stderr.write(
      ` !     App auto-creation disabled.\n !     Re-enable app auto-creation or create an app with 'dokku apps:create ${name}'\n`,
    );
    return 128;
  }
  if (!machine.state.apps.has(name)) {
    makeApp(machine, name);
    channel.stderr.write(` !     No web listeners specified for ${name}\n`);
  }
  const app = machine.state.apps.get(name) ?? makeApp(machine, name);
  return machine.repositories.serve({
    app: name,
    program: `git-${program}`,
    channel,
    preReceive: machine.preReceive(app),
  });
}

function streamsOf(channel: ServerChannel): ClientStreams {
  return {
    read: async () => (await readAll(channel)).toString(),
    readBytes: () => readAll(channel),
    out: (text) => void (channel.writable && channel.write(text)),
    err: (text) => void (channel.writable && channel.stderr.write(text)),
  };
}

// Not by iterating: at the end that would destroy the channel, and the answer with it.
function readAll(channel: ServerChannel): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => chunks.push(chunk));
    channel.once('end', () => resolve(Buffer.concat(chunks)));
    channel.once('close', () => resolve(Buffer.concat(chunks)));
  });
}
