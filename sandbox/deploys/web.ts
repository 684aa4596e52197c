import { readFile, realpath } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { staticFolder } from '../host/app-files.ts';
import type { Web } from '../host/state.ts';
import { startShell } from './run-process.ts';

interface StartWebOptions {
  readonly command: string | 'static';
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  /** How long it may take to listen, in milliseconds. */
  readonly startTimeout: number;
}

/** Starts a web process and waits until it listens on its PORT. Resolves with a text, the reason, if it does not. */
export async function startWeb({
  command,
  folder,
  env,
  onLine,
  signal,
  startTimeout,
}: StartWebOptions): Promise<Web | string> {
  if (command === 'static') return serveFiles(staticFolder(folder));
  const port = await freePort();
  const started = startShell({ command, cwd: folder, env: { ...env, PORT: String(port) }, onLine });
  let ended = false;
  void started.exitCode.then(() => {
    ended = true;
  });
  const web: Web = { port, stop: started.stop, hasEnded: () => ended };
  for (let waited = 0; waited < startTimeout && !ended && !signal.aborted; waited += 50) {
    if (await listens(port)) return web;
    await sleep(50);
  }
  const why = ended ? 'container state is not running' : `no process listens on the port ${port}`;
  await started.stop();
  return why;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
};

/** Serves the files of a folder, and nothing outside it, not even through a link. */
async function serveFiles(folder: string): Promise<Web> {
  const root = await realpath(folder);
  const find = async (url: string): Promise<Buffer> => {
    const asked = normalize(decodeURIComponent(new URL(url, 'http://x').pathname));
    const path = await realpath(join(root, asked.endsWith('/') ? `${asked}index.html` : asked));
    if (!path.startsWith(root + sep)) throw new Error('outside');
    return readFile(path);
  };
  const server = createServer((request, response) => {
    const type = types[extname(request.url ?? '')] ?? types['.html'];
    find(request.url ?? '/').then(
      (content) => response.writeHead(200, { 'content-type': type }).end(content),
      () => response.writeHead(404).end('not found\n'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    hasEnded: () => false,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
  });
}
