import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readPrivateKey } from '../../src/context/private-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a key with the real ssh-keygen and gives its file, public half and fingerprint. */
const generate = (name: string, ...options: string[]) => {
  const file = join(folder, name);
  const passphrase = options.includes('-N') ? [] : ['-N', ''];
  execFileSync('ssh-keygen', ['-q', '-C', 'test', '-f', file, ...passphrase, ...options]);
  const listed = execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' });
  return {
    text: readFileSync(file, 'utf8'),
    public: readFileSync(`${file}.pub`, 'utf8'),
    fingerprint: listed.split(' ')[1],
  };
};

const ed25519 = generate('ed25519', '-t', 'ed25519');
const locked = generate('locked', '-t', 'ed25519', '-N', 'open sesame');
const rsa = generate('rsa', '-t', 'rsa', '-b', '2048');

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

describe('a private key is read', () => {
  test.each([
    ['Ed25519', ed25519],
    ['RSA', rsa],
    ['ECDSA 256', generate('ecdsa', '-t', 'ecdsa', '-b', '256')],
    ['ECDSA 521', generate('ecdsa521', '-t', 'ecdsa', '-b', '521')],
    ['RSA in PEM', generate('rsapem', '-t', 'rsa', '-b', '2048', '-m', 'PEM')],
    ['ECDSA in PEM', generate('ecpem', '-t', 'ecdsa', '-b', '384', '-m', 'PEM')],
    ['RSA in PKCS#8', generate('rsapkcs8', '-t', 'rsa', '-b', '2048', '-m', 'PKCS8')],
    ['ECDSA in PKCS#8', generate('ecpkcs8', '-t', 'ecdsa', '-m', 'PKCS8')],
  ])('%s, with the fingerprint that ssh-keygen prints', async (_, key) => {
    expect(await fingerprintOf(key.text)).toBe(key.fingerprint);
  });

  test.each([
    ['OpenSSH', locked],
    ['PEM', generate('lockedpem', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'open sesame')],
    ['PKCS#8', generate('lockedpkcs8', '-t', 'rsa', '-b', '2048', '-m', 'PKCS8', '-N', 'open sesame')],
  ])('encrypted in the form of %s, with its passphrase', async (_, key) => {
    expect(await fingerprintOf(key.text, 'open sesame')).toBe(key.fingerprint);
    expect(await fingerprintOf(key.text)).toMatch(
      /encrypted with a passphrase, and SSH_PASSPHRASE is not set/,
    );
    expect(await fingerprintOf(key.text, 'wrong')).toMatch(/SSH_PASSPHRASE does not open SSH_PRIVATE_KEY/);
  });

  test('Ed25519 in PKCS#8, which OpenSSH itself does not write', async () => {
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
    ['with blanks for newlines', (text: string) => text.trim().replaceAll('\n', ' ')],
    ['as base64', (text: string) => Buffer.from(text).toString('base64')],
    [
      'as wrapped base64',
      (text: string) => `${Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n')}\n`,
    ],
    ['with blank lines and indentation around', (text: string) => `\n\n${text.replace(/^/gm, '  ')}\n`],
  ])('%s', async (_, damage) => {
    expect(await fingerprintOf(damage(ed25519.text))).toBe(ed25519.fingerprint);
    expect(await fingerprintOf(damage(locked.text), 'open sesame')).toBe(locked.fingerprint);
  });

  test('an encrypted PEM with blanks for newlines', async () => {
    const key = generate('lockedpem2', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'open sesame');
    expect(await fingerprintOf(key.text.trim().replaceAll('\n', ' '), 'open sesame')).toBe(key.fingerprint);
  });

  test('although a passphrase is set that it does not need', async () => {
    expect(await fingerprintOf(ed25519.text, 'unneeded')).toBe(ed25519.fingerprint);
  });
});

describe('what is wrong with a key is said exactly', () => {
  test.each([
    ['', 'is empty'],
    ['   \n ', 'is empty'],
    [ed25519.public, 'holds the public half of a key pair'],
    [rsa.public, 'holds the public half of a key pair'],
    ['PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', 'is a key in PuTTY’s format'],
    ['/builds/acme/boutique.tmp/SSH_PRIVATE_KEY', 'names a file that does not exist'],
    ['hello', 'is not a private key: it has no BEGIN line'],
    [ed25519.text.slice(0, 200), 'is cut off: its END line is missing'],
    [
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'holds a certificate, not a private key',
    ],
    ['-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----', 'is a DSA key'],
  ])('%#', async (text, words) => {
    expect(await fingerprintOf(text)).toContain(`SSH_PRIVATE_KEY ${words}`);
  });

  test('and a damaged one shows no byte of itself', async () => {
    const lines = ed25519.text.trim().split('\n');
    const outcome = await read(ed25519.text.replace(lines[2] ?? '', (lines[2] ?? '').toLowerCase()));
    const told = JSON.stringify(outcome);
    expect(told).toContain('damaged or of a kind');
    for (const line of lines.slice(1, -1)) expect(told).not.toContain(line);
  });
});
