import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HostAddress } from '../../src/access/access-types.ts';
import { readKnownHosts } from '../../src/access/known-hosts.ts';
import {
  checkHostKey,
  chooseAlgorithms,
  chooseOtherAlgorithms,
  computeFingerprint,
  type HostKeyVerdict,
} from '../../src/ssh/host-key.ts';
import { formatKnownHostsLine, hostKeyError } from '../../src/ssh/host-key-error.ts';
import { aHostKey } from '../support/host-key.ts';

const address = { user: 'dokku', host: 'dokku.example.com', port: 22 };
const elsewhere = { ...address, port: 2222 };

const ed25519 = aHostKey('ssh-ed25519', 'a');
const rsa = aHostKey('ssh-rsa', 'b');
const ecdsa = aHostKey('ecdsa-sha2-nistp256', 'd');
const other = aHostKey('ssh-ed25519', 'c');
const base64 = (blob: Buffer): string => blob.toString('base64');

const pinned = (text: string, at: HostAddress = address) => {
  const { known, hasAuthorities, problems } = readKnownHosts(text);
  expect(problems).toEqual([]);
  return { address: at, hostKeys: { checking: 'pinned' as const, known, hasAuthorities } };
};

const verdict = (text: string, blob: Buffer, at?: HostAddress): HostKeyVerdict =>
  checkHostKey(pinned(text, at), blob);

const hashed = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

const line = (type: string, blob: Buffer, name = 'dokku.example.com') => `${name} ${type} ${base64(blob)}`;

describe('a host key is known', () => {
  test.each([
    ['a plain line', line('ssh-ed25519', ed25519)],
    [
      'a line with a comment, among others',
      `# hosts\n\nother ssh-rsa ${base64(rsa)}\n${line('ssh-ed25519', ed25519)} root@host\n`,
    ],
    ['a list of names', line('ssh-ed25519', ed25519, '10.0.0.1,dokku.example.com')],
    ['a pattern', line('ssh-ed25519', ed25519, '*.example.com')],
    ['a name in capitals', line('ssh-ed25519', ed25519, 'Dokku.Example.com')],
    ['a name with the usual port', line('ssh-ed25519', ed25519, '[dokku.example.com]:22')],
    ['a hashed line', line('ssh-ed25519', ed25519, hashed('dokku.example.com'))],
    ['CRLF', `${line('ssh-ed25519', ed25519)}\r\n`],
    ['literal \\n between lines', `a ssh-rsa ${base64(rsa)}\\n${line('ssh-ed25519', ed25519)}`],
    ['a fingerprint', computeFingerprint(ed25519)],
    ['the output of ssh-keygen -l', `256 ${computeFingerprint(ed25519)} root@dokku (ED25519)`],
    ['a public key file', `ssh-ed25519 ${base64(ed25519)} root@dokku`],
    ['a line next to one of an authority', `@cert-authority * ssh-rsa AAAA\n${line('ssh-ed25519', ed25519)}`],
  ])('by %s', (_, text) => {
    expect(verdict(text, ed25519)).toBe('known');
  });

  test('if DOKKU_HOST is in capitals and the line is hashed', () => {
    const capitals = { ...address, host: 'DOKKU.example.com' };
    expect(verdict(line('ssh-ed25519', ed25519, hashed('dokku.example.com')), ed25519, capitals)).toBe(
      'known',
    );
  });

  test.each(['[dokku.example.com]:2222', hashed('[dokku.example.com]:2222'), 'dokku.example.com'])(
    'on another port by %s',
    (name) => {
      expect(verdict(line('ssh-ed25519', ed25519, name), ed25519, elsewhere)).toBe('known');
    },
  );
});

describe('a host key is not known', () => {
  test.each([
    ['unknown', line('ssh-ed25519', ed25519, 'other.example.com'), ed25519],
    ['unknown', line('ssh-ed25519', ed25519, '!dokku.example.com,*.example.com'), ed25519],
    ['unknown', line('ssh-ed25519', ed25519, '[dokku.example.com]:2222'), ed25519],
    ['unknown', '', ed25519],
    ['changed', line('ssh-ed25519', ed25519), other],
    ['changed', line('ssh-ed25519', ed25519), rsa],
    ['changed', computeFingerprint(other), ed25519],
    ['revoked', `${line('ssh-ed25519', ed25519)}\n@revoked * ssh-ed25519 ${base64(ed25519)}`, ed25519],
  ] as const)('but %s with the pinned lines %j', (expected, text, received) => {
    expect(verdict(text, received)).toBe(expected);
  });

  test('if it is another one than that of the host on the usual port', () => {
    expect(verdict(line('ssh-ed25519', ed25519), other, elsewhere)).toBe('unknown');
  });

  test('by a pattern with many stars, which takes no time', () => {
    const startedAt = performance.now();
    verdict(line('ssh-ed25519', ed25519, `${'*'.repeat(5_000)}x`), ed25519);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('the error for a wrong host key', () => {
  test('contains the line to paste if the host is not pinned', () => {
    const error = hostKeyError(pinned('', elsewhere), [{ blob: ed25519, verdict: 'unknown' }]);
    expect([error.code, error.said]).toEqual([
      'host-key-unknown',
      [formatKnownHostsLine(elsewhere, ed25519)],
    ]);
    expect(error.said[0]).toBe(`[dokku.example.com]:2222 ssh-ed25519 ${base64(ed25519)}`);
  });

  test('contains the expected and all received keys if it is not the pinned one', () => {
    const error = hostKeyError(pinned(computeFingerprint(other)), [
      { blob: ed25519, verdict: 'changed' },
      { blob: rsa, verdict: 'changed' },
    ]);
    expect([error.code, error.said.slice(0, 3)]).toEqual([
      'host-key-changed',
      [
        `expected: ${computeFingerprint(other)}`,
        `received: ssh-ed25519 ${computeFingerprint(ed25519)}`,
        `received: ssh-rsa ${computeFingerprint(rsa)}`,
      ],
    ]);
  });

  test('names @cert-authority lines that were not used', () => {
    const text = `@cert-authority * ssh-rsa AAAA\n${line('ssh-rsa', rsa, 'other')}`;
    const error = hostKeyError(pinned(text), [{ blob: ed25519, verdict: 'unknown' }]);
    expect(error.remedy).toContain('Its @cert-authority lines are not used');
  });
});

describe('the host is offered', () => {
  test('exactly the pinned key types, with both current signature algorithms for RSA', () => {
    expect(chooseAlgorithms(pinned(line('ssh-rsa', rsa)))).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
    expect(chooseAlgorithms(pinned(`${line('ssh-rsa', rsa)}\n${line('ssh-ed25519', ed25519)}`))).toEqual([
      'ssh-ed25519',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ]);
  });

  test.each(['', computeFingerprint(rsa), line('ssh-dss', aHostKey('ssh-dss', 'x'))])(
    'all usable types with the pinned lines %j',
    (text) => {
      expect(chooseAlgorithms(pinned(text))).toHaveLength(6);
    },
  );

  test('the other types after a key that is not the pinned fingerprint’s', () => {
    const pins = pinned(computeFingerprint(rsa));
    const received = [{ blob: ed25519, verdict: 'changed' as const }];
    expect(chooseOtherAlgorithms(pins, received)).not.toContain('ssh-ed25519');
    expect(chooseOtherAlgorithms(pins, [...received, { blob: ecdsa, verdict: 'changed' }])).toContain(
      'rsa-sha2-512',
    );
  });

  test.each([
    ['of a pinned type', `${computeFingerprint(rsa)}\n${line('ssh-ed25519', ed25519)}`, 'changed'],
    ['of a host without fingerprints', line('ssh-rsa', rsa), 'changed'],
    ['that is revoked', computeFingerprint(rsa), 'revoked'],
  ] as const)('nothing else after a wrong key %s', (_, text, result) => {
    expect(chooseOtherAlgorithms(pinned(text), [{ blob: other, verdict: result }])).toEqual([]);
  });
});
