import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Wanted {
  readonly plugin: string;
  readonly password: string;
  readonly database: string;
  /** The sandbox's folder, below which data lies. */
  readonly folder: string;
}

/** A running program that serves a database on loopback. */
export interface Running {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** A port of loopback that is free now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Postgres inside this process, from a source checkout; the compiled binary does not carry it. */
const embeddedPostgres = async ({ folder, database }: Wanted): Promise<Running | undefined> => {
  const [pglite, socket] = await Promise.all([
    import('@electric-sql/pglite').catch(() => undefined),
    import('@electric-sql/pglite-socket').catch(() => undefined),
  ]);
  if (!pglite || !socket) return undefined;
  const data = await mkdtemp(join(folder, 'postgres-'));
  const db = await pglite.PGlite.create({ dataDir: data });
  await db.exec(`CREATE DATABASE ${JSON.stringify(database)}`).catch(() => undefined);
  const port = await freePort();
  const server = new socket.PGLiteSocketServer({ db, host: '127.0.0.1', port, maxConnections: 20 });
  await server.start();
  return {
    port,
    stop: async () => {
      await server.stop();
      await db.close();
    },
  };
};

/** Starts a real program for a service where this machine has one; undefined where it has none. */
export const startDatabase = async (wanted: Wanted): Promise<Running | undefined> =>
  wanted.plugin === 'postgres' ? embeddedPostgres(wanted) : undefined;
