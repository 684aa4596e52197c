import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Database, type DatabaseSpec, databaseFolder } from './database.ts';
import {
  findProgram,
  type ProgramResult,
  readLog,
  runProgram,
  startProgram,
  versionFolders,
  waitUntilReady,
} from './process.ts';

/** Starts Postgres with the machine's own programs. */
export async function postgres(spec: DatabaseSpec): Promise<Database | undefined> {
  const programs = await findPrograms();
  if (!programs) return undefined;
  const uid = unprivileged();
  const folder = await makeFolder(spec, uid);
  const data = join(folder, 'data');
  const isNew = (await readLog(join(data, 'PG_VERSION'))) === '';
  if (isNew && !(await initialise(programs, spec, folder))) return undefined;
  const port = await freePort();
  const log = join(folder, 'log');
  const args = ['-D', data, ...configuration(port)];
  // SIGINT is Postgres's fast shutdown; SIGTERM waits for clients.
  const program = startProgram({ file: programs.server, args, cwd: folder, log, uid, stopSignal: 'SIGINT' });
  const env = clientEnv(spec, port);
  const ask = (name: string, rest: readonly string[], input?: Uint8Array): Promise<ProgramResult> =>
    runProgram({ file: programs.named(name), args: rest, cwd: folder, env, input });
  if (!(await waitUntilReady(program, async () => (await ask('pg_isready', ['-q'])).exit === 0)))
    return undefined;
  if (isNew) await ask('createdb', ['-E', 'UTF8', '--maintenance-db=postgres', spec.database]);
  return {
    port,
    clientEnv: env,
    stop: program.stop,
    log: () => readLog(log),
    dump: () => ask('pg_dump', ['-Fc', '--no-acl', '--no-owner', '-w', spec.database]),
    load: (dump) => ask('pg_restore', ['-cO', '--if-exists', '-d', spec.database, '-w'], dump),
    connect: (input) => ask('psql', ['-d', spec.database], input),
  };
}

interface Programs {
  readonly server: string;
  readonly initdb: string;
  /** Returns the path of a client program next to the server. */
  readonly named: (name: string) => string;
}

async function findPrograms(): Promise<Programs | undefined> {
  const folders = await versionFolders('/usr/lib/postgresql');
  const server = await findProgram('postgres', folders);
  const initdb = await findProgram('initdb', folders);
  if (!server || !initdb) return undefined;
  return { server, initdb, named: (name) => join(dirname(server), name) };
}

/** Debian's `nobody`. Postgres refuses to run as root, and its user must be in /etc/passwd. */
const nobody = 65_534;

/** Returns the user to run as; undefined for the user who runs the sandbox. */
function unprivileged(): number | undefined {
  return userInfo().uid === 0 ? nobody : undefined;
}

// Another user must be able to pass every folder on the path, but cannot list any of them.
async function makeFolder(spec: DatabaseSpec, uid: number | undefined): Promise<string> {
  const folder = databaseFolder(spec.folder, spec);
  await mkdir(folder, { recursive: true });
  if (uid === undefined) return folder;
  for (let up = dirname(folder); up.startsWith(spec.folder); up = dirname(up)) await chmod(up, 0o711);
  await chown(folder, uid, uid);
  return folder;
}

async function initialise({ initdb }: Programs, spec: DatabaseSpec, folder: string): Promise<boolean> {
  const uid = unprivileged();
  const passwords = join(folder, 'password');
  await writeFile(passwords, spec.password, { mode: 0o600 });
  if (uid !== undefined) await chown(passwords, uid, uid);
  const args = ['-D', join(folder, 'data'), '-U', spec.user, '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  const made = await runProgram({
    file: initdb,
    args: [...args, '-A', 'scram-sha-256', `--pwfile=${passwords}`],
    cwd: folder,
    uid,
  });
  await rm(passwords);
  if (made.exit !== 0) await rm(join(folder, 'data'), { recursive: true, force: true });
  return made.exit === 0;
}

function configuration(port: number): readonly string[] {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    'max_connections=100',
    'timezone=UTC',
  ].flatMap((setting) => ['-c', setting]);
}

/** Returns a client's environment: the server's address and the login. */
function clientEnv({ user, password }: DatabaseSpec, port: number): Readonly<Record<string, string>> {
  return {
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
  };
}
