import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as the server received it. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly secure: boolean;
  /** Headers and body, raw. */
  readonly content: string;
}

export interface MailHost extends AsyncDisposable {
  readonly port: number;
  readonly mails: Mail[];
  /** The path of the self-signed certificate. */
  readonly certificate: string;
}

export const smtpLogin = { user: 'robot@example.com', password: 'correct horse/battery' };

const selfSigned = (): { readonly folder: string; readonly key: string; readonly cert: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'smtp-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const words = [
    'req',
    '-x509',
    ...kind,
    '-subj',
    '/CN=localhost',
    '-addext',
    names,
    '-keyout',
    key,
    '-out',
    cert,
  ];
  execFileSync('openssl', words, { stdio: 'ignore' });
  return { folder, key, cert };
};

/** Starts a real SMTP server with a login. It refuses recipients `nobody@…`. */
export const aMailHost = async (options: SMTPServerOptions = {}): Promise<MailHost> => {
  const { folder, key, cert } = selfSigned();
  const mails: Mail[] = [];
  const server = new SMTPServer({
    key: readFileSync(key),
    cert: readFileSync(cert),
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _, done) =>
      username === smtpLogin.user && password === smtpLogin.password
        ? done(null, { user: username })
        : done(Object.assign(new Error('wrong login'), { responseCode: 535 })),
    onRcptTo: ({ address }, _, done) =>
      address.startsWith('nobody@')
        ? done(Object.assign(new Error('no such user'), { responseCode: 550 }))
        : done(),
    onData: (stream, { envelope, user, secure }, done) => {
      let content = '';
      stream.on('data', (chunk) => {
        content += String(chunk);
      });
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), user, secure, content });
        done();
      });
    },
    ...options,
  });
  // A client that doesn't trust the certificate disconnects: not an error of the server.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    certificate: cert,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
