import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkCertificate, covers, describeCertificate } from '../../src/settings/certificate.ts';
import { aCertificate, daysFromNow } from '../support/certificates.ts';

const root = aCertificate([], { subject: 'Root', isAuthority: true });
const between = aCertificate([], { subject: 'Between', isAuthority: true, issuer: root });
const leaf = aCertificate(['example.com', '*.example.com'], { issuer: between });
const other = aCertificate(['other.com']);
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
const encrypted = createPrivateKey(leaf.key)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
  .toString();

const check = (certificate: string, key: string, domains: readonly string[] = []) =>
  checkCertificate({ certificate, key, domains, now: Date.now() });

const chain = leaf.certificate + between.certificate;

describe('a certificate', () => {
  test.each([
    ['of its own', other.certificate, other.key, ['other.com']],
    ['with the one that issued it', chain, leaf.key, ['example.com', 'a.example.com', '*.example.com']],
    ['with the whole chain', chain + root.certificate, leaf.key, []],
  ])('%s is accepted as it is', (_, certificate, key, domains) => {
    expect(check(certificate, key, domains)).toEqual({ certificate, key, problems: [], warnings: [] });
  });

  test.each([
    ['with CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['with literal newlines', (text: string) => text.replaceAll('\n', '\\n')],
    ['on one line', (text: string) => text.replaceAll('\n', ' ')],
    ['in base64', (text: string) => Buffer.from(text).toString('base64')],
    ['with text around it', (text: string) => `Bag Attributes\n${text}\n`],
  ])('%s is sent as nginx reads it', (_, damage) => {
    expect(check(damage(chain), damage(leaf.key))).toMatchObject({
      certificate: chain,
      key: leaf.key,
      problems: [],
    });
  });

  test.each([
    ['that is none', 'nonsense', leaf.key, 'certificate', 'is not a certificate in PEM format'],
    ['that is a key', leaf.key, leaf.key, 'certificate', 'is a private key'],
    [
      'that is cut off',
      `${chain}-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n`,
      leaf.key,
      'certificate',
      'is not a certificate',
    ],
    ['whose key is none', chain, 'nonsense', 'key', 'is not a private key in PEM format'],
    ['whose key has a passphrase', chain, encrypted, 'key', 'has a passphrase'],
    ['with another one’s key', chain, other.key, 'key', 'does not fit the certificate for example.com'],
    [
      'behind its issuer',
      between.certificate + leaf.certificate,
      leaf.key,
      'certificate',
      'begins with Between, but the key is that of example.com',
    ],
    [
      'with a chain in the wrong order',
      leaf.certificate + root.certificate + between.certificate,
      leaf.key,
      'certificate',
      'has Root after example.com, which it did not issue',
    ],
    [
      'with another one’s chain',
      chain + other.certificate,
      leaf.key,
      'certificate',
      'has other.com after Between',
    ],
  ])('%s is refused', (_, certificate, key, at, message) => {
    const { problems } = check(certificate, key);
    expect(problems).toContainEqual({
      at,
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(/\.|:/),
    });
  });

  test('with an RSA key that OpenSSL finds too small is refused', () => {
    const weak = aCertificate(['example.com'], { keys: small });
    expect(check(weak.certificate, weak.key).problems).toMatchObject([
      { at: 'key', message: 'has only 1024 bits, which nginx refuses' },
    ]);
  });

  test('that is not for all domains is refused with those that it lacks', () => {
    const { problems } = check(chain, leaf.key, ['example.com', 'a.b.example.com', 'example.org']);
    expect(problems).toMatchObject([
      {
        at: 'certificate',
        message: 'is for example.com, *.example.com, but not for a.b.example.com, example.org',
      },
    ]);
  });

  test('that has expired is refused with the day', () => {
    const until = daysFromNow(-1);
    const old = aCertificate(['example.com'], { from: daysFromNow(-90), until });
    expect(check(old.certificate, old.key).problems).toMatchObject([
      { message: `expired on ${until.toISOString().slice(0, 10)}` },
    ]);
  });

  test('that is not valid yet is refused', () => {
    const early = aCertificate(['example.com'], { from: daysFromNow(3) });
    expect(check(early.certificate, early.key).problems).toMatchObject([
      { message: expect.stringMatching(/^is only valid from \d{4}-\d\d-\d\d on$/) },
    ]);
  });

  test('that expires within a week is a warning', () => {
    const late = aCertificate(['example.com'], { until: daysFromNow(6) });
    expect(check(late.certificate, late.key)).toMatchObject({
      problems: [],
      warnings: [expect.stringMatching(/^the certificate for example.com expires on \d{4}/)],
    });
  });
});

test.each([
  ['example.com', 'example.com', true],
  ['*.example.com', 'www.example.com', true],
  ['*.example.com', '*.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'a.b.example.com', false],
  ['www.example.com', '*.example.com', false],
])('the name %s covers the domain %s: %s', (name, domain, isCovered) => {
  expect(covers(name, domain)).toBe(isCovered);
});

test('a description names the hosts, the last day and the fingerprint', () => {
  expect(describeCertificate(chain)).toMatch(
    /^certificate for example\.com, \*\.example\.com until \d{4}-\d\d-\d\d \(sha256 [0-9a-f]{12}\)$/,
  );
});
