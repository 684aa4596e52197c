import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bitString, der, objectId, sequence, time } from './der.ts';

/** A certificate and its private key, both as PEM. */
export interface IssuedCertificate {
  readonly subject: string;
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** The common name. */
  readonly subject: string;
  /** The host names; a wildcard begins with `*.`. */
  readonly names?: readonly string[];
  readonly from: Date;
  readonly until: Date;
  /** The certificate of the authority that signs it; without one, it is self-signed. */
  readonly issuer?: IssuedCertificate;
  /** Whether it may sign others. */
  readonly isAuthority?: boolean;
  /** By default a new key on the curve P-256. An authority's must be one of these. */
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

/** Issues an X.509 certificate (RFC 5280). */
export function issueCertificate(options: CertificateOptions): IssuedCertificate {
  const { subject, issuer, keys = generateKeyPairSync('ec', { namedCurve: 'P-256' }) } = options;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1]), randomBytes(15)),
    signedWith,
    formatName(issuer?.subject ?? subject),
    sequence(time(options.from), time(options.until)),
    formatName(subject),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...formatExtensions(options),
  );
  const signature = sign('sha256', content, issuer ? createPrivateKey(issuer.key) : keys.privateKey);
  const certificate = sequence(content, signedWith, bitString(signature));
  return {
    subject,
    certificate: formatPem('CERTIFICATE', certificate),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** ECDSA with SHA-256. */
const signedWith = sequence(objectId('1.2.840.10045.4.3.2'));

const commonName = objectId('2.5.4.3');

function formatName(text: string): Buffer {
  return sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(text)))));
}

function formatExtensions({ names = [], isAuthority = false }: CertificateOptions): Buffer[] {
  const all = [
    ...(isAuthority ? [extension('2.5.29.19', sequence(der(0x01, Buffer.from([0xff]))))] : []),
    ...(names.length > 0
      ? [extension('2.5.29.17', sequence(...names.map((name) => der(0x82, Buffer.from(name)))))]
      : []),
  ];
  return all.length > 0 ? [der(0xa3, sequence(...all))] : [];
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

function formatPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
