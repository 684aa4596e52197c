import { request as httpRequest, type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { Server as SecureServer } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { ProxySite } from './host/proxy-site.ts';
import type { App } from './host/state.ts';
import { type AccessRequest, answerInstead } from './nginx/access.ts';

/** Returns the app that is served under a host name, with its site in the running proxy. */
export type FindApp = (hostName: string) => { readonly app: App; readonly site: ProxySite } | undefined;

/** The web server in front of the apps. */
export interface Router {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Serves the apps by host name on the loopback interface, by HTTP and HTTPS on the same port. The certificate is that of the
 * app whose name the client asks for (SNI). Resolves once it listens.
 */
export async function startRouter(find: FindApp, port: number): Promise<Router> {
  const answer = (request: IncomingMessage, response: ServerResponse) => route(find, request, response);
  const plain = new Server(answer);
  const secure = new SecureServer(
    {
      SNICallback: (name, done) => {
        const certificate = find(name.toLowerCase())?.site.certificate;
        done(null, certificate && createSecureContext(certificate));
      },
    },
    answer,
  );
  for (const server of [plain, secure])
    server.on('upgrade', (request, socket) => proxyUpgrade(find, request, socket as Socket));
  // A handshake that fails is the client's matter.
  secure.on('tlsClientError', (_, socket) => socket.destroy());
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      (chunk[0] === handshake ? secure : plain).emit('connection', socket);
      setImmediate(() => socket.resume());
    });
  });
  await new Promise<void>((resolve, reject) => {
    front.once('error', reject);
    front.listen(port, '127.0.0.1', resolve);
  });
  const address = front.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

/** The first byte of a TLS connection: the type of the record. No method of HTTP begins with it. */
const handshake = 0x16;

function route(find: FindApp, request: IncomingMessage, response: ServerResponse): void {
  const name = readHostName(request);
  const access = readAccess(request);
  const found = find(name);
  // By HTTPS, nginx serves an app only if it has a certificate.
  const served = access.isSecure && !found?.site.certificate ? undefined : found;
  const instead = served && answerInstead(served.site, served.app, access);
  if (access.isSecure && served?.site.hsts !== undefined)
    response.setHeader('strict-transport-security', served.site.hsts);
  if (instead) {
    response.writeHead(instead.status, { 'content-type': 'text/plain; charset=utf-8', ...instead.headers });
    response.end(instead.text);
    return;
  }
  if (served?.app.web) {
    proxyRequest({ ...served.app, web: served.app.web }, request, response);
    return;
  }
  response.writeHead(served ? 502 : 404, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(served ? `${served.app.name} is not deployed\n` : `no app is served under ${name}\n`);
}

function readHostName(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
}

function readAccess({ url = '/', headers, socket }: IncomingMessage): AccessRequest {
  return {
    path: url,
    host: headers.host ?? '',
    address: socket.remoteAddress ?? '',
    authorization: headers.authorization,
    isSecure: socket instanceof TLSSocket,
    length: Number(headers['content-length'] ?? 0),
  };
}

function proxyRequest(
  app: App & { web: NonNullable<App['web']> },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method, url, headers, socket } = request;
  const onward = httpRequest(
    {
      host: '127.0.0.1',
      port: app.web.port,
      method,
      path: url,
      headers: { ...headers, 'x-forwarded-proto': socket instanceof TLSSocket ? 'https' : 'http' },
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
