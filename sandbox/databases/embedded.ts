import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { type Database, type DatabaseSpec, databaseFolder } from './database.ts';
import type { ProgramResult } from './process.ts';
import { createSharedSession, type SharedSession, serveClient } from './sessions.ts';

const nothing = new Uint8Array();

/**
 * Starts Postgres inside this process (PGlite), for a machine that does not have one. It has a single session: clients take
 * turns, one transaction at a time, and share settings and temporary tables. A dump is a tar of its data.
 */
export async function embeddedPostgres(spec: DatabaseSpec): Promise<Database | undefined> {
  const pglite = await load();
  if (!pglite) return undefined;
  const folder = databaseFolder(spec.folder, spec);
  const data = join(folder, 'embedded');
  await mkdir(folder, { recursive: true });
  const open = (dump?: Uint8Array): Promise<PGlite> =>
    pglite.PGlite.create({ dataDir: data, ...(dump && { loadDataDir: new Blob([Buffer.from(dump)]) }) });
  let db = await open();
  const session = createSharedSession(() => db);
  const server = await listen(spec, session, await parametersOf(db));
  const replace = async (dump: Uint8Array): Promise<ProgramResult> => {
    const before = Buffer.from(await (await db.dumpDataDir('gzip')).arrayBuffer());
    await db.close();
    await rm(data, { recursive: true, force: true });
    try {
      db = await open(dump);
      return { exit: 0, stdout: nothing, stderr: '' };
    } catch {
      await rm(data, { recursive: true, force: true });
      db = await open(before);
      const stderr = 'pg_restore: error: input file does not appear to be a valid archive\n';
      return { exit: 1, stdout: nothing, stderr };
    }
  };
  return {
    port: server.port,
    stop: async () => {
      await server.close();
      await session.exclusive(() => db.close());
    },
    log: async () => '',
    dump: () =>
      session.exclusive(async () => {
        const tar = await db.dumpDataDir('gzip');
        return { exit: 0, stdout: new Uint8Array(await tar.arrayBuffer()), stderr: '' };
      }),
    load: (dump) => session.exclusive(() => replace(dump)),
    connect: async () => ({
      exit: 1,
      stdout: nothing,
      stderr: 'psql: not found: this Postgres is embedded\n',
    }),
  };
}

/** Loads PGlite. A source checkout has it; the compiled binary does not. */
function load(): Promise<typeof import('@electric-sql/pglite') | undefined> {
  return import('@electric-sql/pglite').catch(() => undefined);
}

async function listen(spec: DatabaseSpec, session: SharedSession, parameters: Record<string, string>) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveClient({ socket, session, parameters, spec });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function parametersOf(db: PGlite): Promise<Record<string, string>> {
  const names = [
    'server_version',
    'server_encoding',
    'client_encoding',
    'DateStyle',
    'IntervalStyle',
    'TimeZone',
  ];
  const more = ['integer_datetimes', 'standard_conforming_strings'];
  const found: Record<string, string> = {};
  for (const name of [...names, ...more]) {
    const { rows } = await db.query<Record<string, string>>(`SHOW ${name}`);
    found[name] = Object.values(rows[0] ?? {})[0] ?? '';
  }
  return found;
}
