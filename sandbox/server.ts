import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthContext, Connection, ParsedKey, Server, ServerChannel, Session } from 'ssh2';
import { mute, onOutputMatch, toStreams } from './channel.ts';
import { dispatch } from './dispatch.ts';
import { type Fault, type Faults, failAfter, reachWith } from './faults.ts';
import { isAppName, nameRule } from './host/answers.ts';
import { createApp } from './host/create-app.ts';
import type { Handler } from './host/handler.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { Machine } from './machine.ts';

export interface ServerOptions {
  readonly machine: Machine;
  readonly table: ReadonlyMap<string, Handler>;
  readonly journal: Journal;
  readonly faults: Faults;
  /** Private host keys, in OpenSSH format. */
  readonly hostKeys: readonly string[];
  /** Public keys that may log in. */
  readonly authorized: readonly ParsedKey[];
  /** How long to delay each command, as a distant network would, in milliseconds. */
  readonly latency: number;
  /** The shortest time that a command takes, in milliseconds. */
  readonly pace: (line: string) => number;
}

/** Starts the SSH server on the loopback interface. Resolves with its port and the function that stops it. */
export async function startServer(
  options: ServerOptions,
  port: number,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const { Server: SshServer } = (await import('ssh2')).default;
  const connections = new Set<Connection>();
  const tick = createTick();
  const server: Server = new SshServer({ hostKeys: [...options.hostKeys] }, (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    // As OpenSSH does: without it, small answers wait for the client's delayed acknowledgements.
    // (The types of ssh2 leave the method out.)
    (connection as Connection & { setNoDelay: (on: boolean) => void }).setNoDelay(true);
    acceptConnection(connection, options, tick);
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

/** Returns a counter that orders the starts and ends of commands in the journal without a clock. */
function createTick(): () => number {
  let tick = 0;
  return () => {
    tick += 1;
    return tick;
  };
}

/** sshd's default for MaxSessions. */
const maxSessions = 10;

function acceptConnection(connection: Connection, options: ServerOptions, tick: () => number): void {
  let sessions = 0;
  options.journal.connections += 1;
  connection.on('error', () => {});
  connection.on('authentication', (context) => authenticate(context, options.authorized));
  connection.on('session', (accept, reject) => {
    if (sessions >= maxSessions) return void reject();
    sessions += 1;
    const session = accept();
    session.once('close', () => {
      sessions -= 1;
    });
    return acceptSession(session, connection, options, tick);
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
  // Without a signature the client only asks whether the key would be accepted.
  return (
    known !== undefined &&
    (!signature || (blob !== undefined && known.verify(blob, signature, hashAlgo) === true))
  );
}

function sameKey(key: ParsedKey, blob: Buffer): boolean {
  const known = key.getPublicSSH();
  return known.length === blob.length && timingSafeEqual(known, blob);
}

function acceptSession(
  session: Session,
  connection: Connection,
  options: ServerOptions,
  tick: () => number,
): void {
  const { journal, faults } = options;
  const start = (line: string, accept: () => ServerChannel, reject: (() => void) | undefined): void => {
    const number = journal.commands.length + 1;
    const fault = faults.take(line, number);
    if (fault?.kind === 'refuse') return void reject?.();
    const entry: JournalEntry = { line, number, startedAt: tick(), endedAt: undefined, exit: undefined };
    journal.commands.push(entry);
    const request: CommandRequest = { line, entry, fault, channel: accept(), connection };
    runCommand(request, options, tick).catch((error: unknown) => endAfterError(request, error, tick));
  };
  session.on('exec', (accept, reject, { command }) => start(command, accept, reject));
  session.on('shell', (accept, reject) => start('help', accept, reject));
  session.on('env', (accept) => accept?.());
  session.on('pty', (accept) => accept?.());
  session.on('subsystem', (_, reject) => reject?.());
}

interface CommandRequest {
  readonly line: string;
  readonly entry: JournalEntry;
  readonly fault: Fault | undefined;
  readonly channel: ServerChannel;
  readonly connection: Connection;
}

async function runCommand(
  request: CommandRequest,
  options: ServerOptions,
  tick: () => number,
): Promise<void> {
  const { line, entry, fault, channel, connection } = request;
  channel.on('error', () => {});
  if (fault?.kind === 'drop-before') return void connection.end();
  if (fault?.kind === 'stall') return;
  armFault(request, options);
  if (options.latency > 0) await sleep(options.latency);
  const paced = sleep(options.pace(line));
  const answer =
    fault?.kind === 'answer' ? injectAnswer(fault, channel) : await answerCommand(request, options);
  await paced;
  const exit = fault?.kind === 'fail-after' ? failAfter(fault, toStreams(channel).err) : answer;
  entry.endedAt = tick();
  entry.exit = exit;
  if (fault?.kind === 'then') await fault.call();
  if (fault?.kind === 'drop-after') return void connection.end();
  if (fault?.kind === 'stall-after' || fault?.kind === 'stall-during') return;
  if (!channel.writable) return;
  channel.exit(exit);
  channel.end();
}

/** Ends the channel of a command with an error of the sandbox itself. The other commands of the connection continue. */
function endAfterError({ channel, entry }: CommandRequest, error: unknown, tick: () => number): void {
  entry.endedAt = tick();
  entry.exit = 1;
  if (!channel.writable) return;
  channel.stderr.write(` !     The sandbox failed: ${error instanceof Error ? error.message : error}\n`);
  channel.exit(1);
  channel.end();
}

function armFault({ fault, channel, connection }: CommandRequest, { machine }: ServerOptions): void {
  if (fault?.kind === 'drop-during') onOutputMatch(channel, fault.at ?? /./, () => connection.end());
  if (fault?.kind === 'stall-during') onOutputMatch(channel, fault.at ?? /./, () => mute(channel));
  if (fault?.kind === 'kill-build') {
    const { at, keepsLock = true } = fault;
    machine.state.killBuild = { at, keepsLock };
  }
}

function injectAnswer(fault: Fault & { kind: 'answer' }, channel: ServerChannel): number {
  channel.write(fault.stdout ?? '');
  channel.stderr.write(fault.stderr ?? '');
  return fault.exit;
}

async function answerCommand(request: CommandRequest, options: ServerOptions): Promise<number> {
  const { line, fault, channel } = request;
  const git = await serveGit(request, options);
  if (git !== undefined) return git;
  const { machine: host, table } = options;
  return dispatch(line, { host, table, streams: toStreams(channel), reach: reachWith(fault) });
}

const gitCommand = /^git[- ](receive-pack|upload-pack) '?([^' ]*)'?$/;

/** Serves a git client. A missing app is created first, even for a fetch, as Dokku does. */
async function serveGit(
  { line, fault, channel }: CommandRequest,
  { machine }: ServerOptions,
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
    createApp(machine, name);
    channel.stderr.write(` !     No web listeners specified for ${name}\n`);
  }
  const app = machine.state.apps.get(name) ?? createApp(machine, name);
  return machine.repositories.serve(name, {
    program: `git-${program}`,
    channel,
    preReceive: machine.preReceive(app, reachWith(fault)),
    isDiskFull: fault?.kind === 'disk-full',
  });
}
