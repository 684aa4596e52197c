import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Database, type DatabaseSpec, databaseFolder } from './database.ts';
import {
  findProgram,
  listens,
  type Program,
  type ProgramResult,
  readLog,
  runProgram,
  startProgram,
  waitUntilReady,
} from './process.ts';

/** Starts Redis with the machine's `redis-server`. It reads its settings, including the password, from stdin. */
export async function redis(spec: DatabaseSpec): Promise<Database | undefined> {
  const server = await findProgram('redis-server');
  const client = await findProgram('redis-cli');
  if (!server || !client) return undefined;
  const folder = databaseFolder(spec.folder, spec);
  const file = join(folder, 'dump.rdb');
  const log = join(folder, 'log');
  await mkdir(folder, { recursive: true });
  const port = await freePort();

  const start = async (): Promise<Program | undefined> => {
    const input = formatSettings(spec, folder, port);
    const started = startProgram({
      file: server,
      args: ['-'],
      cwd: folder,
      input,
      log,
      stopSignal: 'SIGTERM',
    });
    return (await waitUntilReady(started, () => listens(port))) ? started : undefined;
  };
  const ask = (args: readonly string[], input?: Uint8Array): Promise<ProgramResult> =>
    runProgram({
      file: client,
      args: ['-p', String(port), ...args],
      env: { REDISCLI_AUTH: spec.password },
      input,
    });

  let program = await start();
  if (!program) return undefined;
  const stop = async (): Promise<void> => {
    if (program && !program.hasEnded()) await ask(['SAVE']);
    await program?.stop();
  };
  return {
    port,
    stop,
    log: () => readLog(log),
    dump: async () => {
      const saved = await ask(['SAVE']);
      // The plugin asks twice: it saves, and looks when that was done.
      const stderr = warning.repeat(2);
      return saved.exit === 0 ? { exit: 0, stdout: await readFile(file), stderr } : saved;
    },
    load: async (dump) => {
      await program?.stop();
      await writeFile(file, dump);
      program = await start();
      const stderr = program ? '' : await readLog(log);
      return { exit: program ? 0 : 1, stdout: new Uint8Array(), stderr };
    },
    connect: async (input) => {
      const answer = await ask([], input);
      return { ...answer, stderr: warning + answer.stderr };
    },
  };
}

/** What the client prints about a password in its arguments, where the plugin puts it. */
const warning =
  "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n";

function formatSettings({ password }: DatabaseSpec, folder: string, port: number): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${JSON.stringify(password)}`,
    `dir ${JSON.stringify(folder)}`,
    'dbfilename dump.rdb',
    'save ""',
    '',
  ].join('\n');
}
