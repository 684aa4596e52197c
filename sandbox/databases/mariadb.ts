import { mkdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Database, type DatabaseSpec, databaseFolder } from './database.ts';
import {
  findProgram,
  type ProgramResult,
  readLog,
  runProgram,
  startProgram,
  waitUntilReady,
} from './process.ts';

/** Starts MySQL or MariaDB with the machine's `mariadbd`. */
export async function mariadb(spec: DatabaseSpec): Promise<Database | undefined> {
  const server = await findProgram('mariadbd');
  const installer = await findProgram('mariadb-install-db');
  const client = await findProgram('mariadb');
  const dumper = await findProgram('mariadb-dump');
  if (!server || !installer || !client || !dumper) return undefined;
  const folder = databaseFolder(spec.folder, spec);
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const first = join(folder, 'first.sql');
  const isNew = (await mkdir(data, { recursive: true })) !== undefined;
  if (isNew && !(await install(installer, data))) return undefined;
  const port = await freePort();
  await writeFile(first, firstStatements(spec), { mode: 0o600 });
  const args = serverArgs(data, port, first);
  const program = startProgram({ file: server, args, log, stopSignal: 'SIGTERM' });
  const ask = (
    file: string,
    user: 'root' | undefined,
    rest: readonly string[],
    input?: Uint8Array,
  ): Promise<ProgramResult> =>
    runProgram({
      file,
      args: [
        '--no-defaults',
        '--protocol=tcp',
        '--host=localhost',
        `--port=${port}`,
        `--user=${user ?? spec.user}`,
        ...rest,
      ],
      env: { MYSQL_PWD: user ? spec.rootPassword : spec.password },
      input,
    });
  // It listens before it has executed the initial statements.
  const isAnswering = async (): Promise<boolean> =>
    (await ask(client, 'root', ['-e', 'SELECT 1'])).exit === 0;
  const isUp = await waitUntilReady(program, isAnswering);
  await rm(first);
  if (!isUp) return undefined;
  const dumpFlags = [
    '--default-character-set=utf8mb4',
    '--single-transaction',
    '--no-tablespaces',
    '--quick',
  ];
  return {
    port,
    stop: program.stop,
    log: () => readLog(log),
    dump: () => ask(dumper, 'root', [...dumpFlags, spec.database]),
    load: (dump) => ask(client, 'root', [spec.database], dump),
    connect: (input) => ask(client, undefined, [`--database=${spec.database}`], input),
  };
}

/** The installer fails now and then if several run at once, in about one of ten tries. */
const installAttempts = 6;

/** Creates the system tables. Returns false if that fails. */
async function install(installer: string, data: string): Promise<boolean> {
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ];
  for (let attempt = 1; attempt <= installAttempts; attempt += 1) {
    const { exit } = await runProgram({ file: installer, args: [...args, `--user=${userInfo().username}`] });
    if (exit === 0) return true;
    // What a failed try leaves would make the next one skip the installation.
    await rm(data, { recursive: true, force: true });
    await mkdir(data, { recursive: true });
  }
  return false;
}

/** Returns what the plugin's Docker image runs at its first start: one statement per line, as `--init-file` requires. */
function firstStatements({ user, password, rootPassword, database }: DatabaseSpec): string {
  return [
    `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;`,
    `CREATE OR REPLACE USER ${quoteSql(user)}@'%' IDENTIFIED BY ${quoteSql(password)};`,
    `GRANT ALL ON \`${database}\`.* TO ${quoteSql(user)}@'%';`,
    `CREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY ${quoteSql(rootPassword)};`,
    "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;",
    // The installer's own users, which have no password.
    "DELETE FROM mysql.global_priv WHERE User IN ('root', '') AND Host <> '%';",
    'FLUSH PRIVILEGES;',
    '',
  ].join('\n');
}

function quoteSql(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function serverArgs(data: string, port: number, first: string): string[] {
  return [
    '--no-defaults',
    `--user=${userInfo().username}`,
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    // Relative to the data folder: the path of a socket is limited to 107 characters.
    '--socket=socket',
    '--pid-file=pid',
    '--skip-name-resolve',
    '--performance-schema=0',
    '--innodb-flush-log-at-trx-commit=0',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    `--init-file=${first}`,
  ];
}
