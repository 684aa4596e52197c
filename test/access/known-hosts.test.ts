import { describe, expect, test } from 'vitest';
import { readKnownHosts } from '../../src/access/known-hosts.ts';
import { aHostKey } from '../support/host-key.ts';

const key = aHostKey('ssh-ed25519', 'a').toString('base64');

describe('a line of SSH_KNOWN_HOSTS that cannot be used', () => {
  test.each([
    ['host ssh-ed25519', 'the key is missing or cut off'],
    [`host ssh-ed25519 ${key.slice(0, -8)}`, 'the key is missing or cut off'],
    [`host ssh-rsa ${key}`, 'the key is missing or cut off'],
    ['host ssh-ed25519 AAAA', 'the key is missing or cut off'],
    ['ssh-ed25519 AAAA', 'the key is missing or cut off'],
    ['host nonsense AAAA', '"nonsense" is not a key type'],
    ['SHA256:tooshort', 'the fingerprint is cut off'],
    ['256 MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48 host', 'MD5 fingerprints are not supported'],
    [`@cert-authority * ssh-ed25519 ${key}`, 'host certificates (@cert-authority) are not supported'],
  ])('is reported: %s', (text, message) => {
    expect(readKnownHosts(text).problems).toEqual([{ line: 1, message: expect.stringContaining(message) }]);
  });

  test('is reported with its number', () => {
    const text = `# comment\nhost ssh-ed25519 ${key}\n\nhost ssh-ed25519\nhost nonsense AAAA\n`;
    expect(readKnownHosts(text).problems.map(({ line }) => line)).toEqual([4, 5]);
  });

  test('is no problem if it belongs to an authority and other lines can be used', () => {
    const text = `@cert-authority * ssh-ed25519 ${key}\nhost ssh-ed25519 ${key}`;
    expect(readKnownHosts(text)).toMatchObject({ problems: [], hasAuthorities: true });
  });
});
