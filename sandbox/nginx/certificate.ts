import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ownProperty } from '../host/app-properties.ts';
import type { App } from '../host/state.ts';

interface CertificateProblem {
  readonly message: string;
  /** Lines that nginx prints while it reads the key. */
  readonly prompts: readonly string[];
}

/** Returns why nginx can't load an app's certificate and key, with OpenSSL 3.0's messages; undefined if it can. */
export function certificateProblem(app: App): CertificateProblem | undefined {
  const folder = `/home/dokku/${app.name}/tls`;
  const [crt, key] = [ownProperty(app, 'certs', 'crt'), ownProperty(app, 'certs', 'key')];
  const fail = (message: string, prompts: readonly string[] = []) => ({ message, prompts });
  if (crt === '') {
    return fail(
      `cannot load certificate "${folder}/server.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(${folder}/server.crt, r) error:10000080:BIO routines::no such file)`,
    );
  }
  const certificate = readCertificate(crt);
  if (!certificate) {
    return fail(
      `cannot load certificate "${folder}/server.crt": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE)`,
    );
  }
  if (/ENCRYPTED/.test(key)) {
    return fail(
      `cannot load certificate key "${folder}/server.key": PEM_read_bio_PrivateKey() failed (SSL: ${passphraseErrors})`,
      ['Enter PEM pass phrase:', 'Enter PEM pass phrase:'],
    );
  }
  const secret = readKey(key);
  if (!secret) {
    return fail(
      `cannot load certificate key "${folder}/server.key": PEM_read_bio_PrivateKey() failed (SSL: error:1E08010C:DECODER routines::unsupported:No supported data to decode. Input type: PEM)`,
    );
  }
  return certificate.checkPrivateKey(secret)
    ? undefined
    : fail(
        `SSL_CTX_use_PrivateKey("${folder}/server.key") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)`,
      );
}

const passphraseErrors = [
  'error:1400006B:UI routines::processing error:while reading strings',
  'error:0480006D:PEM routines::problems getting password',
  'error:07880109:common libcrypto routines::interrupted or cancelled',
  'error:07880109:common libcrypto routines::interrupted or cancelled',
  'error:1C80009F:Provider routines::unable to get passphrase',
  'error:1400006B:UI routines::processing error:while reading strings',
  'error:0480006D:PEM routines::problems getting password',
  'error:07880109:common libcrypto routines::interrupted or cancelled',
  'error:04800068:PEM routines::bad password read',
].join(' ');

/** Reads the first certificate of a PEM text; undefined if there is none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Returns the host names in an app's certificate, sorted; undefined if it can't be read. */
export function certificateNames(app: App): string[] | undefined {
  const certificate = readCertificate(ownProperty(app, 'certs', 'crt'));
  if (!certificate) return undefined;
  const common = /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1];
  const others = (certificate.subjectAltName ?? '')
    .split(', ')
    .flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice('DNS:'.length)] : []));
  return [...new Set([...(common ? [common] : []), ...others])].sort();
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
