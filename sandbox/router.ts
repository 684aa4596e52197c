import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { App, ProxySite } from './host/state.ts';
import { answerInstead } from './nginx/access.ts';

/** Returns the app that is served under a host name, with its site in the running proxy. */
export type FindApp = (hostName: string) => { readonly app: App; readonly site: ProxySite } | undefined;

/** Serves the apps by host name on the loopback interface. Resolves with the server once it listens. */
export async function startRouter(find: FindApp, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const name = readHostName(request);
    const found = find(name);
    const app = found?.app;
    const instead = found && answerInstead(found.site, found.app, readAccess(request));
    if (instead) {
      response.writeHead(instead.status, { 'content-type': 'text/plain; charset=utf-8', ...instead.headers });
      return response.end(instead.text);
    }
    if (app?.web) return proxyRequest({ ...app, web: app.web }, request, response);
    response.writeHead(app ? 502 : 404, { 'content-type': 'text/plain; charset=utf-8' });
    return response.end(app ? `${app.name} is not deployed\n` : `no app is served under ${name}\n`);
  });
  server.on('upgrade', (request, socket) => proxyUpgrade(find, request, socket as Socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function readHostName(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
}

function readAccess({ url = '/', headers, socket }: IncomingMessage) {
  return { path: url, address: socket.remoteAddress ?? '', authorization: headers.authorization };
}

function proxyRequest(
  app: App & { web: NonNullable<App['web']> },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method, url, headers } = request;
  const onward = httpRequest(
    {
      host: '127.0.0.1',
      port: app.web.port,
      method,
      path: url,
      headers: { ...headers, 'x-forwarded-proto': 'http' },
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.once('error', () => {
    if (!response.headersSent) response.writeHead(502);
    response.end(`${app.name} does not answer: its process has ended\n`);
  });
  request.pipe(onward);
}

function proxyUpgrade(find: FindApp, request: IncomingMessage, socket: Socket): void {
  const web = find(readHostName(request))?.app.web;
  if (!web) return void socket.destroy();
  const onward = connect(web.port, '127.0.0.1', () => {
    const headers = request.rawHeaders.flatMap((_, index, all) =>
      index % 2 === 0 ? [`${all[index]}: ${all[index + 1]}`] : [],
    );
    onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    socket.pipe(onward).pipe(socket);
  });
  for (const end of [socket, onward]) end.on('error', () => end.destroy());
}
