import { once } from 'node:events';
import { chmod, chown, lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';

/** A Unix socket: where it is, and whom it belongs to, if not the account of this process. */
export interface SocketAddress {
  readonly path: string;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** What listens: net’s server, or that of ssh2. */
type Listening = Pick<Server, 'listen' | 'once' | 'on' | 'off'> & NodeJS.EventEmitter;

/**
 * Listens on a socket that only its owner can connect to. It is made in a folder of its own that no one else can enter, and moved to its
 * place when it has its mode and its owner: at no moment can others connect. What is at the place is replaced if it is a socket. Throws
 * what the file system throws.
 */
export async function listenPrivately(server: Listening, { path, owner }: SocketAddress): Promise<void> {
  await refuseOthers(path);
  const folder = await mkdtemp(join(dirname(path), '.'));
  const made = join(folder, 's');
  try {
    server.listen(made);
    await once(server, 'listening');
    await chmod(made, 0o600);
    if (owner) await chown(made, owner.uid, owner.gid);
    await rename(made, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A policy with a wrong path must not replace a file. */
async function refuseOthers(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isSocket()) throw new Error(`${path} is not a socket`);
}
