import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** An answer by HTTPS, and who the server said it is. */
export interface SecurePage {
  readonly status: number;
  readonly text: string;
  /** The common name of the certificate. */
  readonly certificate: string;
  /** Whether the certificate is one of the authority's and fits the name. */
  readonly isTrusted: boolean;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Fetches a page by HTTPS from a server on loopback, for the name in the URL. `ca`: the authority to trust. */
export const fetchSecurePage = (
  url: string,
  { ca, authorization }: { readonly ca?: string; readonly authorization?: string } = {},
): Promise<SecurePage> => {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path: pathname,
        servername: hostname,
        headers: { host: `${hostname}:${port}`, ...(authorization ? { authorization } : {}) },
        rejectUnauthorized: false,
        agent: false,
        ...(ca ? { ca } : {}),
      },
      (answer) => {
        const socket = answer.socket as TLSSocket;
        const certificate = String(socket.getPeerCertificate().subject.CN);
        const isTrusted = socket.authorized;
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text, certificate, isTrusted, headers: answer.headers }),
        );
      },
    );
    asking.on('error', reject);
    asking.end();
  });
};
