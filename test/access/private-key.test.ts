import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPrivateKey } from '../../src/access/private-key.ts';

interface Key {
  readonly name: string;
  readonly private: string;
  readonly public: string;
  /** As ssh-keygen prints it. */
  readonly fingerprint: string;
}

const { keys } = JSON.parse(readFileSync(new URL('../recorded/keys.json', import.meta.url), 'utf8')) as {
  keys: Key[];
};

const keyOf = (name: string): Key & { readonly text: string } => {
  const found = keys.find((key) => key.name === name);
  if (!found) throw new Error(`there is no recorded key ${name}`);
  return { ...found, text: found.private };
};

const ed25519 = keyOf('Ed25519');
const locked = keyOf('locked OpenSSH');
const rsa = keyOf('RSA');

const read = (text: string, passphrase?: string) =>
  readPrivateKey({ text, passphrase, variable: 'SSH_PRIVATE_KEY' });

const fingerprintOf = async (text: string, passphrase?: string): Promise<string> => {
  const outcome = await read(text, passphrase);
  return 'key' in outcome ? outcome.key.fingerprint : outcome.problem.message;
};

const pkcs8 = (text: string, cipher?: { cipher: string; passphrase: string }): string =>
  createPrivateKey(text)
    .export({ type: 'pkcs8', format: 'pem', ...cipher })
    .toString();

describe('a private key is accepted', () => {
  test.each(
    [
      'Ed25519',
      'RSA',
      'ECDSA 256',
      'ECDSA 521',
      'RSA in PEM',
      'ECDSA in PEM',
      'RSA in PKCS#8',
      'ECDSA in PKCS#8',
    ].map((name) => [name, keyOf(name)] as const),
  )('as %s, with the fingerprint that ssh-keygen prints', async (_, key) => {
    expect(await fingerprintOf(key.text)).toBe(key.fingerprint);
  });

  test.each([
    ['OpenSSH', locked],
    ['PEM', keyOf('locked PEM')],
    ['PKCS#8', keyOf('locked PKCS#8')],
  ])('encrypted as %s, with its passphrase', async (_, key) => {
    expect(await fingerprintOf(key.text, 'open sesame')).toBe(key.fingerprint);
    expect(await fingerprintOf(key.text)).toMatch(
      /encrypted with a passphrase, and SSH_PASSPHRASE is not set/,
    );
    expect(await fingerprintOf(key.text, 'wrong')).toMatch(
      /SSH_PASSPHRASE is not the passphrase of SSH_PRIVATE_KEY/,
    );
  });

  test('as Ed25519 in PKCS#8, which OpenSSH does not write', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(await fingerprintOf(text)).toMatch(/^SHA256:/);
    const sealed = pkcs8(text, { cipher: 'aes-256-cbc', passphrase: 'x' });
    expect(await fingerprintOf(sealed, 'x')).toBe(await fingerprintOf(text));
  });

  test.each([
    ['without its last newline', (text: string) => text.trimEnd()],
    ['with CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['with literal \\n', (text: string) => text.replaceAll('\n', '\\n')],
    ['with spaces instead of newlines', (text: string) => text.trim().replaceAll('\n', ' ')],
    ['as base64', (text: string) => Buffer.from(text).toString('base64')],
    [
      'as wrapped base64',
      (text: string) => `${Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n')}\n`,
    ],
    ['with empty lines around it and indentation', (text: string) => `\n\n${text.replace(/^/gm, '  ')}\n`],
  ])('%s', async (_, damage) => {
    expect(await fingerprintOf(damage(ed25519.text))).toBe(ed25519.fingerprint);
    expect(await fingerprintOf(damage(locked.text), 'open sesame')).toBe(locked.fingerprint);
  });

  test('as an encrypted PEM with spaces instead of newlines', async () => {
    const key = keyOf('locked PEM');
    expect(await fingerprintOf(key.text.trim().replaceAll('\n', ' '), 'open sesame')).toBe(key.fingerprint);
  });

  test('unencrypted, although a passphrase is set', async () => {
    expect(await fingerprintOf(ed25519.text, 'unneeded')).toBe(ed25519.fingerprint);
  });
});

describe('the problem with a key', () => {
  test.each([
    ['', 'is empty'],
    ['   \n ', 'is empty'],
    [ed25519.public, 'is a public key'],
    [rsa.public, 'is a public key'],
    ['PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', 'is a key in PuTTY’s format'],
    [
      '/builds/acme/boutique.tmp/SSH_PRIVATE_KEY',
      'is the path of a file that does not exist or cannot be read',
    ],
    ['hello', 'is not a private key: it has no BEGIN line'],
    [ed25519.text.slice(0, 200), 'is cut off: its END line is missing'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'is a certificate, not a private key'],
    ['-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----', 'is a DSA key'],
  ])('of %j is named: it %s', async (text, problem) => {
    expect(await fingerprintOf(text)).toContain(`it ${problem}`);
  });

  test('contains no part of a damaged key', async () => {
    const lines = ed25519.text.trim().split('\n');
    const outcome = await read(ed25519.text.replace(lines[2] ?? '', (lines[2] ?? '').toLowerCase()));
    const shown = JSON.stringify(outcome);
    expect(shown).toContain('it is damaged, or its type is not supported');
    for (const line of lines.slice(1, -1)) expect(shown).not.toContain(line);
  });
});
