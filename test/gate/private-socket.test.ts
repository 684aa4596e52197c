import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenPrivately } from '../../src/gate/private-socket.ts';
import { aFolder } from '../support/repository.ts';

let folder: ReturnType<typeof aFolder>;
let server: Server;
let path: string;

beforeEach(() => {
  folder = aFolder();
  path = join(folder.folder, 'gate.sock');
  server = createServer((socket) => socket.end('hello'));
});
afterEach(() => {
  server.close();
  folder[Symbol.dispose]();
});

const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('the socket of a gate', () => {
  test('belongs to its owner alone, with the mode 0600', async () => {
    const { uid, gid } = userInfo();
    await listenPrivately(server, { path, owner: { uid, gid } });
    expect(statSync(path).isSocket()).toBe(true);
    expect([modeOf(path), statSync(path).uid, statSync(path).gid]).toEqual([0o600, uid, gid]);
    expect(readdirSync(folder.folder)).toEqual(['gate.sock']);
    const [text] = (await once(connect(path), 'data')) as [Buffer];
    expect(text.toString()).toBe('hello');
  });

  test('is in a folder that no one else can enter until it has its mode', async () => {
    const seen: unknown[] = [];
    server.once('listening', () => {
      const made = String(server.address());
      seen.push(existsSync(path), modeOf(dirname(made)));
    });
    await listenPrivately(server, { path });
    expect(seen).toEqual([false, 0o700]);
  });

  test('replaces the one that an earlier gate has left', async () => {
    const earlier = createServer();
    await listenPrivately(earlier, { path });
    await listenPrivately(server, { path });
    const [text] = (await once(connect(path), 'data')) as [Buffer];
    expect(text.toString()).toBe('hello');
    earlier.close();
  });

  test('replaces nothing else', async () => {
    writeFileSync(path, 'a file');
    await expect(listenPrivately(server, { path })).rejects.toThrow('is not a socket');
    expect(readdirSync(folder.folder)).toEqual(['gate.sock']);
  });
});
