import { createServer } from 'node:http';
import { isName, list, read, save } from './store.js';

const answer = async (request, response) => {
  const name = request.url.slice(1);
  if (name === '') return response.end(`${(await list()).join('\n')}\n`);
  if (!isName(name)) return response.writeHead(404).end('not found\n');
  if (request.method !== 'PUT') return response.end(await read(name));
  await save(name, Buffer.concat(await request.toArray()));
  response.writeHead(201).end('saved\n');
};

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    const isMissing = error.code === 'ENOENT';
    if (!isMissing) console.error(error);
    response.writeHead(isMissing ? 404 : 500).end(isMissing ? 'not found\n' : 'failed\n');
  });
});

server.listen(process.env.PORT ?? 5000);

process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
