import { readFile, realpath } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { staticFolder } from '../host/app-files.ts';

/** Serves the static site in a folder, and nothing outside it, not even through a link. */
export async function serveFiles(
  folder: string,
): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const root = await realpath(staticFolder(folder));
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
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
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
