import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority } from '../../../sandbox/authority/authority.ts';
import { issueCertificate } from '../../../sandbox/authority/issue-certificate.ts';

const [from, until] = [new Date('2026-01-01T00:00:00Z'), new Date('2051-02-03T04:05:06Z')];

test('a certificate has the names, dates and key that it was issued with', () => {
  const names = ['example.com', '*.example.com', `${'a'.repeat(60)}.example.com`];
  const issued = issueCertificate({ subject: 'example.com', names, from, until });
  const read = new X509Certificate(issued.certificate);
  expect(read.subject).toBe('CN=example.com');
  expect(read.subjectAltName).toBe(names.map((name) => `DNS:${name}`).join(', '));
  expect([new Date(read.validFrom), new Date(read.validTo)]).toEqual([from, until]);
  expect(read.checkPrivateKey(createPrivateKey(issued.key))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
});

test('a certificate can have an RSA key', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const root = issueCertificate({ subject: 'root', from, until, isAuthority: true });
  const issued = issueCertificate({ subject: 'small', from, until, keys, issuer: root });
  expect(new X509Certificate(issued.certificate).publicKey.asymmetricKeyDetails?.modulusLength).toBe(1024);
});

test('an authority signs its certificates, and puts its own below', () => {
  const authority = createAuthority(from.getTime());
  const { certificate } = authority.issue(['shop.example.com'], from.getTime());
  const root = new X509Certificate(authority.certificate);
  const leaf = new X509Certificate(certificate);
  expect([root.ca, leaf.ca, leaf.checkIssued(root), leaf.verify(root.publicKey)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(certificate.endsWith(authority.certificate)).toBe(true);
});
