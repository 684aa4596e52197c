import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HostKeys } from '../../src/access/access-types.ts';
import { readKnownHosts } from '../../src/access/known-hosts.ts';
import {
  checkHostKey,
  chooseAlgorithms,
  computeFingerprint,
  formatKnownHostsLine,
  hostKeyError,
} from '../../src/ssh/host-key.ts';

const address = { user: 'dokku', host: 'dokku.example.com', port: 22 };
const elsewhere = { ...address, port: 2222 };

const blobOf = (type: string, filler: string): Buffer => {
  const name = Buffer.from(type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, Buffer.from(filler.repeat(8))]);
};

const ed25519 = blobOf('ssh-ed25519', 'a');
const rsa = blobOf('ssh-rsa', 'b');
const other = blobOf('ssh-ed25519', 'c');
const base64 = (blob: Buffer): string => blob.toString('base64');

const pinned = (text: string): HostKeys => {
  const { known, problems } = readKnownHosts(text);
  expect(problems).toEqual([]);
  return { checking: 'pinned', known };
};

const hashed = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('a host key is known', () => {
  test.each([
    ['a plain line', `dokku.example.com ssh-ed25519 ${base64(ed25519)}`],
    [
      'a line with a comment, among others',
      `# hosts\n\nother ssh-rsa ${base64(rsa)}\ndokku.example.com ssh-ed25519 ${base64(ed25519)} root@host\n`,
    ],
    ['a list of names', `10.0.0.1,dokku.example.com ssh-ed25519 ${base64(ed25519)}`],
    ['a pattern', `*.example.com ssh-ed25519 ${base64(ed25519)}`],
    ['a hashed line', `${hashed('dokku.example.com')} ssh-ed25519 ${base64(ed25519)}`],
    ['CRLF', `dokku.example.com ssh-ed25519 ${base64(ed25519)}\r\n`],
    [
      'literal \\n between lines',
      `a ssh-rsa ${base64(rsa)}\\ndokku.example.com ssh-ed25519 ${base64(ed25519)}`,
    ],
    ['a bare fingerprint', computeFingerprint(ed25519)],
  ])('by %s', (_, text) => {
    expect(checkHostKey(pinned(text), address, ed25519)).toBe('known');
  });

  test('on a port other than 22 only by its bracketed name', () => {
    const line = `[dokku.example.com]:2222 ssh-ed25519 ${base64(ed25519)}`;
    expect([
      checkHostKey(pinned(line), elsewhere, ed25519),
      checkHostKey(pinned(line), address, ed25519),
    ]).toEqual(['known', 'unknown']);
    expect(
      checkHostKey(
        pinned(`${hashed('[dokku.example.com]:2222')} ssh-ed25519 ${base64(ed25519)}`),
        elsewhere,
        ed25519,
      ),
    ).toBe('known');
  });
});

describe('a host key is not known', () => {
  const line = `dokku.example.com ssh-ed25519 ${base64(ed25519)}`;

  test.each([
    ['unknown', `other.example.com ssh-ed25519 ${base64(ed25519)}`, ed25519],
    ['unknown', `!dokku.example.com,*.example.com ssh-ed25519 ${base64(ed25519)}`, ed25519],
    ['unknown', '', ed25519],
    ['changed', line, other],
    ['changed', line, rsa],
    ['changed', computeFingerprint(other), ed25519],
    ['revoked', `${line}\n@revoked * ssh-ed25519 ${base64(ed25519)}`, ed25519],
  ] as const)('%s: %s', (judgement, text, shown) => {
    expect(checkHostKey(pinned(text), address, shown)).toBe(judgement);
  });

  test('and the error contains the line to paste, the expected key and the received key', () => {
    const unknown = hostKeyError(pinned(''), elsewhere, { blob: ed25519, verdict: 'unknown' });
    expect([unknown.code, unknown.said]).toEqual([
      'host-key-unknown',
      [formatKnownHostsLine(elsewhere, ed25519)],
    ]);
    expect(formatKnownHostsLine(elsewhere, ed25519)).toBe(
      `[dokku.example.com]:2222 ssh-ed25519 ${base64(ed25519)}`,
    );
    const changed = hostKeyError(pinned(line), address, { blob: other, verdict: 'changed' });
    expect(changed.said.slice(0, 2)).toEqual([
      `expected: ssh-ed25519 ${computeFingerprint(ed25519)}`,
      `received: ssh-ed25519 ${computeFingerprint(other)}`,
    ]);
  });
});

test('the host is offered exactly the pinned key types, with both current signature algorithms for RSA', () => {
  const line = (type: string, blob: Buffer) => `dokku.example.com ${type} ${base64(blob)}`;
  expect(chooseAlgorithms(pinned(line('ssh-rsa', rsa)), address)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
  expect(
    chooseAlgorithms(pinned(`${line('ssh-ed25519', ed25519)}\n${line('ssh-rsa', rsa)}`), address),
  ).toEqual(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256']);
  expect(chooseAlgorithms(pinned(''), address)).toBeUndefined();
});

test('lines that cannot be used are reported with their numbers', () => {
  const text = `ok ssh-rsa ${base64(rsa)}\nssh-ed25519 AAAA\nhost ssh-ed25519\n@cert-authority * ssh-rsa AAAA\nhost nonsense AAAA\n`;
  expect(readKnownHosts(text).problems.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
});
